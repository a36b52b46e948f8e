"""Permissions that no workload of the stack uses."""
