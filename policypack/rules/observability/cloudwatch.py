"""Logs that are kept as long as somebody decided."""

from policypack.model import LOG_GROUP, Resource
from policypack.rule import Findings, Severity, rule


@rule(on=LOG_GROUP, severity=Severity.MEDIUM, fix="Set retention_in_days.")
def log_group_has_retention(group: Resource) -> Findings:
    """Events that never expire are paid for for ever, and personal data in them outlives every promise to delete it."""
    if group.get("logGroupClass", "STANDARD") == "DELIVERY":
        return  # AWS keeps these for two days, whatever is asked for
    if group.get("retentionInDays", 0) == 0:
        yield "keeps its events for ever", "retentionInDays"
