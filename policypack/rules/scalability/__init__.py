"""What keeps the system in balance with its load, without anybody watching."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
