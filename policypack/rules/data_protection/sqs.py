"""Queues that are encrypted at rest with a customer managed key."""

from policypack.model import QUEUE, Resource
from policypack.model.encryption_keys import KMS_KEY_PROPERTIES, uses_customer_managed_key
from policypack.rule import Findings, Severity, rule


@rule(
    on=QUEUE,
    severity=Severity.MEDIUM,
    fix="Set kms_master_key_id to the ARN, ID or alias of a customer managed key.",
    terms=("CMK", "SSE-KMS"),
)
def queue_is_encrypted_with_customer_managed_key(queue: Resource) -> Findings:
    """A customer managed KMS key lets you decide who can decrypt the data, audit each use, and revoke access.

    SQS's own keys (SSE-SQS), which are the default, allow none of this; the AWS managed key (alias/aws/sqs) only the
    audit (SQS developer guide, "Encryption at rest in Amazon SQS").
    """
    if not uses_customer_managed_key(queue):
        yield "is not encrypted with a customer managed key", KMS_KEY_PROPERTIES[QUEUE]
