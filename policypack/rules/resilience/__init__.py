"""Recovery from failures: retries, dead-letter queues, backups and redundancy."""

from policypack.rule import rules_in

RULES = rules_in(__name__)
