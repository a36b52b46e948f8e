"""What can still be seen afterwards."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
