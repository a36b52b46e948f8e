"""Sends items of an asynchronous endpoint to the work queue again, or to the dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from logic import backoff
from messages import ATTEMPT, CORRELATION, UnavailableError
from retry_schedule import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from messages import Item
    from mypy_boto3_sqs import SQSClient

ATTEMPTS: Final = 10
"""After how many attempts an item goes to the dead-letter queue: the same as the queue's maxReceiveCount."""


class Requeuer:
    """Sends items to the work queue as new messages, with exponential backoff."""

    def __init__(self, client: SQSClient, queue_url: str, dead_letter_url: str) -> None:
        self._client, self._queue, self._dead_letter_queue = client, queue_url, dead_letter_url

    def send(self, returned: Iterable[tuple[Item, int, str]], *, at_once: bool = False) -> None:
        """Send items, each given with its number of attempts and its correlation id.

        The delay grows with the attempts, unless `at_once`; after ATTEMPTS an item goes to the dead-letter queue.
        Raises UnavailableError if SQS refuses some of them: then all have to be sent again, and the claims on their
        ids prevent duplicate results.
        """
        again: list[dict[str, object]] = []
        dead_letters: list[dict[str, object]] = []
        for item, attempts, correlation in returned:
            entry: dict[str, object] = {
                "MessageBody": item.body(),
                "MessageAttributes": {
                    ATTEMPT: {"DataType": "Number", "StringValue": str(attempts)},
                    CORRELATION: {"DataType": "String", "StringValue": correlation or item.id},
                },
            }
            if attempts >= ATTEMPTS:
                dead_letters.append(entry)
            else:
                again.append(entry | {"DelaySeconds": 0 if at_once else backoff(attempts, item.id)})
        self._send(self._queue, again)
        self._send(self._dead_letter_queue, dead_letters)

    def _send(self, url: str, entries: list[dict[str, object]]) -> None:
        for chunk in chunks(entries):
            numbered = [{"Id": str(at), **entry} for at, entry in enumerate(chunk)]
            try:
                response = self._client.send_message_batch(QueueUrl=url, Entries=numbered)  # type: ignore[arg-type] # built above
            except (BotoCoreError, ClientError) as error:
                raise UnavailableError(f"the queue does not take work back: {error}") from error
            if response.get("Failed"):
                raise UnavailableError(f"the queue does not take work back: {response['Failed'][0].get('Message')}")
