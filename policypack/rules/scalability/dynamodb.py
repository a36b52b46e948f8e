"""Tables whose capacity follows the traffic."""

from policypack.model import TABLE, Resource
from policypack.rule import Findings, Level, Severity, put, rule


@rule(
    on=TABLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set billing_mode to PAY_PER_REQUEST.",
    remedy=put("billingMode", "PAY_PER_REQUEST"),
    terms=("throttling", "ThrottlingException", "ProvisionedThroughputExceededException", "RCU", "WCU"),
)
def dynamodb_table_uses_on_demand_billing(table: Resource) -> Findings:
    """A table with provisioned capacity throttles reads and writes when the traffic exceeds that capacity.

    A function whose write is throttled fails, and its messages are processed again. In on-demand mode DynamoDB adapts
    the capacity to the traffic (DynamoDB developer guide, "DynamoDB on-demand capacity mode").
    """
    if table.get("billingMode", "PROVISIONED") != "PAY_PER_REQUEST":
        yield "pays for provisioned capacity", "billingMode"
