"""Tests of the template: projects from `pulumi new`, the example stack files, a stack that uses the exports."""
