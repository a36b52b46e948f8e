"""Tests of policypack/rules/network."""
