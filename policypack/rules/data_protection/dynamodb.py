"""Tables whose data only the owner of a key can read."""

from policypack.model import TABLE, Resource
from policypack.model.encryption_keys import names_a_customer_key
from policypack.rule import Findings, Severity, rule


@rule(
    on=TABLE,
    severity=Severity.MEDIUM,
    fix="Set server_side_encryption with enabled=True and kms_key_arn of a key of your own.",
)
def dynamodb_table_is_encrypted_with_customer_managed_key(table: Resource) -> Findings:
    """With a key of AWS's own nobody can say who may decrypt, see who did, or take the access away."""
    if not table.get("serverSideEncryption.enabled", default=False):
        yield "is encrypted with a key that AWS owns", "serverSideEncryption"
    elif not names_a_customer_key(table, "serverSideEncryption.kmsKeyArn"):
        yield "is encrypted with a key that AWS manages", "serverSideEncryption.kmsKeyArn"
