"""Changes to ministack's SQS: services that deliver need a queue's key as well, and dead letters can be moved back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.services import eventbridge, s3, sns, sqs

from localcloud.aws import access, encryption, redrive
from localcloud.aws.functions.poller import POLLERS
from localcloud.aws.pins import private, replace

if TYPE_CHECKING:
    from collections.abc import Callable

queue_by_arn = private(sqs, "_queue_by_arn")

NEEDS: Final = ("kms:GenerateDataKey", "kms:Decrypt")


def apply() -> None:
    """Make the changes."""
    _keys_of_queues()
    handlers: dict[str, Callable[[dict[str, Any], str], Any]] = private(sqs, "_HANDLERS")
    handlers.update(redrive.HANDLERS)
    for sender in (eventbridge, s3, sns):
        replace(sender, "esm_wake", POLLERS)


def _keys_of_queues() -> None:
    """Ministack asks the policy of a queue only; the policy of its key has to let the service in too.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html, "Configure KMS
    permissions for AWS services". The policy of SQS's own key, alias/aws/sqs, lets no service in.
    """
    allows = private(sqs, "queue_policy_allows")

    def allowed(queue_arn: str, service: str, source_arn: str, source_account: str) -> bool:
        if not allows(queue_arn, service, source_arn, source_account):
            return False
        queue = queue_by_arn(queue_arn)
        named = str(queue["attributes"].get("KmsMasterKeyId") or "")
        if named.startswith("alias/aws/"):
            return False
        key = encryption.queue_key(queue)
        context = {
            **(encryption.via("sqs", key) if key else {}),
            "aws:SourceAccount": source_account,
            "aws:SourceArn": source_arn,
            "kms:EncryptionContext:aws:sqs:arn": queue_arn,
        }
        return not key or all(access.key_lets_service(key, service, action, context) for action in NEEDS)

    replace(sqs, "queue_policy_allows", allowed)
