"""Roles that several workloads share."""
