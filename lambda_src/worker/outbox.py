"""The way back for work that an endpoint which answers later could not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from deliveries import tens
from logic import backoff
from messages import ATTEMPT, CORRELATION, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from messages import Item
    from mypy_boto3_sqs import SQSClient

ATTEMPTS: Final = 10
"""How often work is put back as a new message before it is set aside: as often as the queue delivers a message."""


class Outbox:
    """Puts work back as new messages: what an endpoint that answers later could not do."""

    def __init__(self, client: SQSClient, queue_url: str, dead_letter_url: str) -> None:
        self._client, self._queue, self._aside = client, queue_url, dead_letter_url

    def send(self, returned: Iterable[tuple[Item, int, str]], *, at_once: bool = False) -> None:
        """Send items again, each with how often it was tried and the sender's id for it.

        Later each time, unless at once; after ATTEMPTS it is set aside. Raises UnavailableError when some were not
        taken: then all have to be sent again, which the claims on their ids make harmless.
        """
        again: list[dict[str, object]] = []
        aside: list[dict[str, object]] = []
        for item, attempts, correlation in returned:
            entry: dict[str, object] = {
                "MessageBody": item.body(),
                "MessageAttributes": {
                    ATTEMPT: {"DataType": "Number", "StringValue": str(attempts)},
                    CORRELATION: {"DataType": "String", "StringValue": correlation or item.id},
                },
            }
            if attempts >= ATTEMPTS:
                aside.append(entry)
            else:
                again.append(entry | {"DelaySeconds": 0 if at_once else backoff(attempts, item.id)})
        self._send(self._queue, again)
        self._send(self._aside, aside)

    def _send(self, url: str, entries: list[dict[str, object]]) -> None:
        for some in tens(entries):
            numbered = [{"Id": str(at), **entry} for at, entry in enumerate(some)]
            try:
                answer = self._client.send_message_batch(QueueUrl=url, Entries=numbered)  # type: ignore[arg-type] # built above
            except (BotoCoreError, ClientError) as error:
                raise UnavailableError(f"the queue does not take work back: {error}") from error
            if answer.get("Failed"):
                raise UnavailableError(f"the queue does not take work back: {answer['Failed'][0].get('Message')}")
