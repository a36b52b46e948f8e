"""Tests of policypack/rules/scalability."""
