"""Who may do what, and no more than that."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
