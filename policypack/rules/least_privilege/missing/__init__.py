"""Permissions without which the deployment or the workload fails."""
