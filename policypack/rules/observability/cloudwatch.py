"""Log groups that keep their events for a limited time."""

from policypack.model import LOG_GROUP, Resource
from policypack.rule import Findings, Severity, rule


@rule(
    on=LOG_GROUP,
    severity=Severity.MEDIUM,
    fix="Set retention_in_days.",
    terms=("never expire", "log expiration", "GDPR"),
)
def log_group_has_retention(group: Resource) -> Findings:
    """A log group without a retention period stores its events, and the personal data in them, indefinitely.

    The cost of storage grows without end. Log groups of the class DELIVERY pass: CloudWatch Logs keeps their events
    for two days, whatever the setting (CloudWatch Logs user guide, "Log classes").
    """
    if group.get("logGroupClass", "STANDARD") == "DELIVERY":
        return
    if group.get("retentionInDays", 0) == 0:
        yield "stores its events indefinitely", "retentionInDays"
