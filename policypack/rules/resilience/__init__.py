"""What survives a fault, a crash or a poisoned message."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
