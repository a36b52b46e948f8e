"""Tables that take whatever traffic a queue lets through."""

from policypack.model import TABLE, Resource
from policypack.rule import Findings, Level, Severity, put, rule


@rule(
    on=TABLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set billing_mode to PAY_PER_REQUEST.",
    remedy=put("billingMode", "PAY_PER_REQUEST"),
)
def dynamodb_table_uses_on_demand_billing(table: Resource) -> Findings:
    """Provisioned capacity throttles the writer when traffic bursts, and the failure travels back up the queue."""
    if table.get("billingMode", "PROVISIONED") != "PAY_PER_REQUEST":
        yield "pays for provisioned capacity", "billingMode"
