"""What data is protected with, at rest."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
