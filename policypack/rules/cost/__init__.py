"""What is paid for without anybody using it."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
