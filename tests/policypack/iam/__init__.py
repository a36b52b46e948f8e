"""Tests of policypack/iam."""
