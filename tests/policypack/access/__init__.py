"""Tests of policypack/access."""
