"""Deliveries from the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from logic import wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from messages import Failure
    from mypy_boto3_sqs import SQSClient

_T = TypeVar("_T")
MOST: Final = 10
"""What one request of SQS takes."""


class Deliveries:
    """Decides when SQS delivers again what failed."""

    def __init__(self, client: SQSClient) -> None:
        self._client = client

    def put_back(self, queue_arn: str, failures: Sequence[Failure]) -> str:
        """Make failed messages visible when it is worth trying again, rather than after the visibility timeout.

        What is hopeless comes back at once, so that it is set aside within seconds. Where this fails they come back
        later, so a failure is said, not raised.
        """
        *_, account, name = queue_arn.split(":")
        url, problem = f"{self._client.meta.endpoint_url}/{account}/{name}", ""
        for some in tens([failure for failure in failures if failure.message.handle]):
            entries = [
                {"Id": str(at), "ReceiptHandle": failure.message.handle, "VisibilityTimeout": wait(failure)}
                for at, failure in enumerate(some)
            ]
            try:
                self._client.change_message_visibility_batch(QueueUrl=url, Entries=entries)  # type: ignore[arg-type] # built above
            except (BotoCoreError, ClientError) as error:
                problem = str(error)
        return problem


def tens(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Items in portions that one request takes."""
    for start in range(0, len(items), MOST):
        yield items[start : start + MOST]
