"""Tests of policypack/rules/data_protection."""
