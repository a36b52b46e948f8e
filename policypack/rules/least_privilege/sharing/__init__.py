"""Roles that are shared by several workloads."""
