"""Network access of resources, in both directions."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
