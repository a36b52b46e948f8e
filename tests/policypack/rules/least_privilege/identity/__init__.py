"""Tests of policypack/rules/least_privilege/identity."""
