"""Capacity and concurrency that follow the load."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
