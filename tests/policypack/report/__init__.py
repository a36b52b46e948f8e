"""Tests of policypack/report."""
