"""Tests of the graph of a stack's architecture."""
