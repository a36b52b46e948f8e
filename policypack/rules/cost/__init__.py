"""Resources that cost money without being used, or more than the same work needs; no rule yet."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
