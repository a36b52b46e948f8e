"""Tests of policypack/rules/observability."""
