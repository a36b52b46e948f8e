"""Clients of the deployed stack's ingress: its queue, its event bus, or its HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from localcloud.checkout import REGION
from localcloud.console import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import boto3
    from botocore.config import Config

MAX_BATCH: Final = 10  # messages in one SendMessageBatch, events in one PutEvents
POISON: Final = ('{"id": "%s"}', '{"id": "%s", "features": ["much"]}', '{"id": "%s", "features": []}', "%s is not JSON")
POISON_EVENTS: Final = POISON[:3]
"""EventBridge only accepts events whose detail is JSON."""


class IngressClient(Protocol):
    """Sends work items. address: for the user; poison: invalid items that this ingress accepts."""

    address: str
    poison: Sequence[str]

    def send(self, bodies: Sequence[str]) -> None:
        """Send all items. Raises UserError if some are rejected."""


class QueueClient:
    """Sends to the work queue."""

    poison: Sequence[str] = POISON

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self.address = sqs, url

    def send(self, bodies: Sequence[str]) -> None:
        """Send ten messages per request."""
        for some in _chunks(bodies):
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(some)]
            answer = self._sqs.send_message_batch(QueueUrl=self.address, Entries=entries)
            if failed := answer.get("Failed"):
                raise UserError(f"the queue refused {len(failed)} messages: {failed[0].get('Message')}")


class EventBusClient:
    """Sends to the event bus: the detail of an event becomes the message."""

    poison: Sequence[str] = POISON_EVENTS

    def __init__(self, events: Any, arn: str) -> None:
        self._events, self.address = events, arn

    def send(self, bodies: Sequence[str]) -> None:
        """Send ten events per request."""
        for some in _chunks(bodies):
            entries = [
                {"EventBusName": self.address, "Source": "demo", "DetailType": "item", "Detail": body} for body in some
            ]
            answer = self._events.put_events(Entries=entries)
            if answer["FailedEntryCount"]:
                failed = next(entry for entry in answer["Entries"] if entry.get("ErrorCode"))
                raise UserError(f"the bus refused {answer['FailedEntryCount']} events: {failed.get('ErrorMessage')}")


class HttpApiClient:
    """Sends signed requests to the HTTP API."""

    poison: Sequence[str] = POISON

    def __init__(self, credentials: Any, url: str) -> None:
        self._signer: Any = SigV4Auth(credentials, "execute-api", REGION)
        self._http, self.address = URLLib3Session(proxies={}), url

    def send(self, bodies: Sequence[str]) -> None:
        """Send one item per request."""
        for body in bodies:
            headers = {"Content-Type": "application/json"}
            request: Any = AWSRequest("POST", self.address, headers=headers, data=body.encode())
            self._signer.add_auth(request)
            answer = self._http.send(request.prepare())
            if answer.status_code != 200:  # noqa: PLR2004 - HTTP's OK
                raise UserError(f"the API refused an item with status {answer.status_code}: {answer.text}")


def ingress_client(session: boto3.Session, config: Config, endpoint: str, outputs: Mapping[str, Any]) -> IngressClient:
    """The client for the ingress in the stack's outputs."""
    match outputs.get("ingress"):
        case "events":
            return EventBusClient(
                session.client("events", endpoint_url=endpoint, config=config), outputs["event_bus_arn"]
            )
        case "http":
            return HttpApiClient(session.get_credentials(), outputs["api_url"])
        case _:
            return QueueClient(session.client("sqs", endpoint_url=endpoint, config=config), outputs["queue_url"])


def _chunks(bodies: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(bodies), MAX_BATCH):
        yield bodies[start : start + MAX_BATCH]
