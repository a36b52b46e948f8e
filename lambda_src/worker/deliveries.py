"""Deliveries from the queue."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs import SQSClient

MOST: Final = 10
"""What one ChangeMessageVisibilityBatch takes."""

log = logging.getLogger(__name__)


class Deliveries:
    """Hands messages back to the queue that they came from."""

    def __init__(self, client: SQSClient) -> None:
        self._client = client

    def return_now(self, queue_arn: str, handles: Sequence[str]) -> None:
        """Make messages visible at once that no wait can mend, so that they are set aside within seconds.

        Otherwise each of their deliveries lasts as long as the queue's visibility timeout. Where this fails it does
        just that, so a failure is logged and no more.
        """
        *_, account, name = queue_arn.split(":")
        url = f"{self._client.meta.endpoint_url}/{account}/{name}"
        for start in range(0, len(handles), MOST):
            entries = [
                {"Id": str(at), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for at, handle in enumerate(handles[start : start + MOST])
            ]
            try:
                self._client.change_message_visibility_batch(QueueUrl=url, Entries=entries)  # type: ignore[arg-type] # built above
            except (BotoCoreError, ClientError) as error:
                log.warning("%d messages are returned later: %s", len(entries), error)
