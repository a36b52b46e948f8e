"""Tables that are encrypted at rest with a customer managed key."""

from policypack.model import TABLE, Resource
from policypack.model.encryption_keys import KMS_KEY_PROPERTIES, uses_customer_managed_key
from policypack.rule import Findings, Severity, rule


@rule(
    on=TABLE,
    severity=Severity.MEDIUM,
    fix="Set server_side_encryption with enabled=True and the kms_key_arn of a customer managed key.",
    terms=("CMK", "SSE-KMS"),
)
def dynamodb_table_is_encrypted_with_customer_managed_key(table: Resource) -> Findings:
    """A customer managed KMS key lets you decide who can decrypt the data, audit each use, and revoke access.

    A key that AWS owns, which is DynamoDB's default, allows none of this; an AWS managed key (alias/aws/dynamodb) only
    the audit (DynamoDB developer guide, "DynamoDB encryption at rest").
    """
    if not table.get("serverSideEncryption.enabled", default=False):
        yield "is encrypted with an AWS owned key", "serverSideEncryption"
    elif not uses_customer_managed_key(table):
        yield "is encrypted with an AWS managed key", KMS_KEY_PROPERTIES[TABLE]
