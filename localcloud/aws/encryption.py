"""Permissions on customer managed keys: requests to an encrypted queue or table also need permissions on its key.

AWS evaluates the caller's permissions on the key, through the service (`kms:ViaService`):
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions
from ministack.services import dynamodb, sqs

from localcloud.aws import s3_sns_encryption
from localcloud.aws.authorization import aliases_of, authorize, key_arn
from localcloud.aws.http_messages import AwsError
from localcloud.aws.operations import operation
from localcloud.aws.patching import private
from localcloud.checkout import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localcloud.aws.http_messages import Request, Response

find_queue = private(sqs, "_get_q")
QueueError = private(sqs, "_Err")
tables = private(dynamodb, "_tables")

QUEUE_NEEDS: Final = {
    "ReceiveMessage": ("kms:Decrypt",),
    "SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "SendMessageBatch": ("kms:GenerateDataKey", "kms:Decrypt"),
}
STORED: Final = {"s3": s3_sns_encryption.object_key_uses, "sns": s3_sns_encryption.topic_key_uses}
TABLE_NEEDS: Final = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)


class QueueKeyError(AwsError):
    """SQS's error for a key that the caller may not use."""

    def __init__(self, message: str) -> None:
        super().__init__("KmsAccessDenied", message)

    def response(self) -> Response:
        """The error response, with the code that boto3 knows."""
        found = super().response()
        return found._replace(headers=found.headers | {"x-amzn-query-error": "KMS.AccessDeniedException;Sender"})


REFUSALS: Final[dict[str, Callable[[str], AwsError]]] = {
    "s3": lambda message: AwsError("AccessDenied", message, 403),
    "sns": lambda message: AwsError("KMSAccessDenied", message),
    "sqs": QueueKeyError,
}
"""The services' own errors for a key that the caller may not use; other services pass on the error of KMS."""


def check_keys(request: Request) -> None:
    """Raise AwsError unless the caller may use the keys of the queue or tables of the request."""
    for action, key, context in _needed(request):
        try:
            authorize(request, action, key, context)
        except AwsError as error:
            if error.code == "AccessDeniedException" and request.service in REFUSALS:
                raise REFUSALS[request.service](error.message) from error
            raise


def service_context(service: str, key: str, region: str = REGION) -> dict[str, Any]:
    """Return the condition keys of KMS for a call that a service makes on behalf of a caller."""
    return {
        "kms:ViaService": f"{service}.{region}.amazonaws.com",
        "kms:CallerAccount": ACCOUNT,
        "kms:ResourceAliases": aliases_of(key),
    }


def queue_key(queue: dict[str, Any]) -> str:
    """Return the ARN of a queue's customer managed key; empty if it has none."""
    return key_arn(str(queue["attributes"].get("KmsMasterKeyId", "")))


def _needed(request: Request) -> Iterator[tuple[str, str, dict[str, Any]]]:
    name = operation(request)
    if request.service == "sqs" and name in QUEUE_NEEDS:
        queue = _queue(str(request.json.get("QueueUrl", "")))
        key = queue_key(queue) if queue else ""
        if key and queue:
            for action in QUEUE_NEEDS[name]:
                context = {"kms:EncryptionContext:aws:sqs:arn": queue["attributes"]["QueueArn"]}
                yield action, key, service_context("sqs", key, request.region) | context
    elif request.service in STORED:
        for action, key, context in STORED[request.service](request):
            yield action, key, service_context(request.service, key, request.region) | context
    elif request.service == "dynamodb" and name in TABLE_NEEDS:
        for table in _tables(request):
            key = key_arn(str((table.get("SSEDescription") or {}).get("KMSMasterKeyArn", "")))
            if key:
                names = {
                    "kms:EncryptionContext:aws:dynamodb:tableName": table["TableName"],
                    "kms:EncryptionContext:aws:dynamodb:subscriberId": ACCOUNT,
                }
                yield "kms:Decrypt", key, service_context("dynamodb", key, request.region) | names


def _queue(url: str) -> dict[str, Any] | None:
    try:
        return dict(find_queue(url))
    except QueueError:
        return None  # ministack says so itself


def _tables(request: Request) -> list[dict[str, Any]]:
    arns = iam_actions.dynamodb_resource_arns(request.body, request.region, ACCOUNT)
    items = iam_actions.dynamodb_transaction_checks(
        "dynamodb:TransactWriteItems", request.body, request.region, ACCOUNT
    )
    arns += [found for _action, found in items]
    names = {found.partition(":table/")[2].partition("/")[0] for found in arns}
    return [table for name in sorted(names) if (table := tables.get(name)) is not None]
