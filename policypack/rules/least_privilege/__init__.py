"""Permissions: every principal has those that it needs, and no others."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
