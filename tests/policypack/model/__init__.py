"""Tests of policypack/model."""
