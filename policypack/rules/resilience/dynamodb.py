"""Tables whose data can be restored."""

from policypack.model import TABLE, Resource
from policypack.rule import Findings, Severity, put, rule


@rule(
    on=TABLE,
    severity=Severity.MEDIUM,
    fix="Set point_in_time_recovery with enabled=True.",
    remedy=put("pointInTimeRecovery.enabled", True),
    terms=("PITR", "accidental deletion", "disaster recovery"),
)
def dynamodb_table_has_point_in_time_recovery(table: Resource) -> Findings:
    """Without point-in-time recovery, data that is overwritten or deleted by mistake cannot be restored.

    With it, DynamoDB keeps continuous backups, from which a table can be restored to any second of the last 35 days
    (DynamoDB developer guide, "Point-in-time backups for DynamoDB").
    """
    if not table.get("pointInTimeRecovery.enabled", default=False):
        yield "has no point-in-time recovery", "pointInTimeRecovery"
