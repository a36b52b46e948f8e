"""Tests of policypack/code."""
