"""Tests of policypack/judge."""
