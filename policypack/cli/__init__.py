"""The `policypack` command."""
