"""What can be reached, and what can be sent where."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
