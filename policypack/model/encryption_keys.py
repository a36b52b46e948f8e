"""Customer managed and AWS managed KMS keys. Source of the properties: the schema of pulumi-aws 7.51.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model.types import BUCKET_ENCRYPTION, QUEUE, SECRET, STREAM, TABLE, TOPIC
from policypack.model.values import is_unknown

if TYPE_CHECKING:
    from policypack.model.resource import Resource

KMS_KEY_PROPERTIES: Final[dict[str, str]] = {
    QUEUE: "kmsMasterKeyId",
    TOPIC: "kmsMasterKeyId",
    TABLE: "serverSideEncryption.kmsKeyArn",
    STREAM: "kmsKeyId",
    SECRET: "kmsKeyId",
    BUCKET_ENCRYPTION: "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId",
}
"""By type, the property that names the KMS key that encrypts the data."""


def uses_customer_managed_key(subject: Resource) -> bool:
    """Whether a resource names a customer managed KMS key, and no AWS managed key (`alias/aws/sqs`).

    An unknown value is the ARN of a key that the program creates, so a customer managed key.
    """
    key = subject.get(KMS_KEY_PROPERTIES[subject.type], "")
    return is_unknown(key) or (key != "" and "alias/aws/" not in key)
