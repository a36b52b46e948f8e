"""When SQS delivers failed messages again: their visibility timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from logic import retry_delay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from messages import Failure
    from mypy_boto3_sqs import SQSClient

_T = TypeVar("_T")
MOST: Final = 10
"""Entries in one SQS batch request."""


class RetryScheduler:
    """Sets the visibility timeout of failed messages."""

    def __init__(self, client: SQSClient) -> None:
        self._client = client

    def schedule(self, queue_arn: str, failures: Sequence[Failure]) -> str:
        """Make failed messages visible with exponential backoff, instead of after the queue's visibility timeout.

        Poison messages become visible at once, so that they reach the dead-letter queue within seconds. Return the
        error of SQS, or an empty string: it is not raised, as the messages are then merely delivered later.
        """
        *_, account, name = queue_arn.split(":")
        url, problem = f"{self._client.meta.endpoint_url}/{account}/{name}", ""
        for chunk in chunks([failure for failure in failures if failure.message.receipt_handle]):
            entries = [
                {
                    "Id": str(at),
                    "ReceiptHandle": failure.message.receipt_handle,
                    "VisibilityTimeout": retry_delay(failure),
                }
                for at, failure in enumerate(chunk)
            ]
            try:
                self._client.change_message_visibility_batch(QueueUrl=url, Entries=entries)  # type: ignore[arg-type] # built above
            except (BotoCoreError, ClientError) as error:
                problem = str(error)
        return problem


def chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Split items into chunks that fit into one batch request."""
    for start in range(0, len(items), MOST):
        yield items[start : start + MOST]
