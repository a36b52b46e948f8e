"""Tests of policypack/rules/resilience."""
