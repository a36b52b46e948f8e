"""Resources that cost money without being used."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
