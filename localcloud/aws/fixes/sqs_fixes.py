"""Changes to ministack's SQS: services that deliver also need the queue's key, and dead letters can be redriven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.services import eventbridge, s3, sns, sqs

from localcloud.aws import authorization, encryption, redrive
from localcloud.aws.functions.poller import POLLERS
from localcloud.aws.patching import private, replace

if TYPE_CHECKING:
    from collections.abc import Callable

queue_by_arn = private(sqs, "_queue_by_arn")

NEEDS: Final = ("kms:GenerateDataKey", "kms:Decrypt")


def apply() -> None:
    """Apply the changes."""
    _keys_of_queues()
    handlers: dict[str, Callable[[dict[str, Any], str], Any]] = private(sqs, "_HANDLERS")
    handlers.update(redrive.HANDLERS)
    for sender in (eventbridge, s3, sns):
        replace(sender, "esm_wake", POLLERS)


def _keys_of_queues() -> None:
    """Ministack evaluates the queue policy only; the key policy has to allow the service, too.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html, "Configure KMS
    permissions for AWS services". The policy of SQS's own key, alias/aws/sqs, allows no service.
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
            **(encryption.service_context("sqs", key) if key else {}),
            "aws:SourceAccount": source_account,
            "aws:SourceArn": source_arn,
            "kms:EncryptionContext:aws:sqs:arn": queue_arn,
        }
        return not key or all(
            authorization.key_policy_allows_service(key, service, action, context) for action in NEEDS
        )

    replace(sqs, "queue_policy_allows", allowed)
