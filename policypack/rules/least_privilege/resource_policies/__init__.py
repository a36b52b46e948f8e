"""Policies of resources: who is allowed in, from which accounts and services."""
