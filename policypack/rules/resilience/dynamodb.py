"""Tables whose data can be brought back."""

from policypack.model import TABLE, Resource
from policypack.rule import Findings, Severity, put, rule


@rule(
    on=TABLE,
    severity=Severity.MEDIUM,
    fix="Set point_in_time_recovery with enabled=True.",
    remedy=put("pointInTimeRecovery.enabled", True),
)
def dynamodb_table_has_point_in_time_recovery(table: Resource) -> Findings:
    """A faulty writer destroys data within seconds; only a continuous backup knows the state just before it did."""
    if not table.get("pointInTimeRecovery.enabled", default=False):
        yield "has no point-in-time recovery", "pointInTimeRecovery"
