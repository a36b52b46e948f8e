"""Logs, metrics and traces."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
