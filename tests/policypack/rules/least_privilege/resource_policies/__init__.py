"""Tests of policypack/rules/least_privilege/resource_policies."""
