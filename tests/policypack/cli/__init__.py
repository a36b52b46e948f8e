"""Tests of policypack/cli."""
