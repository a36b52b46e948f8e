"""The ways in to the deployed stack: its queue, its event bus, or its HTTP API, as its configuration says."""

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

MOST: Final = 10  # messages in one SendMessageBatch, events in one PutEvents
POISON: Final = ('{"id": "%s"}', '{"id": "%s", "features": ["much"]}', '{"id": "%s", "features": []}', "%s is not JSON")
JSON_POISON: Final = POISON[:3]
"""An event's detail is JSON, or the bus does not take it."""


class Door(Protocol):
    """Takes work in. where: what a person knows it by; poison: forms of bad items that it lets through."""

    where: str
    poison: Sequence[str]

    def send(self, bodies: Sequence[str]) -> None:
        """Hand work in, all of it. Raises UserError where some is refused."""


class QueueDoor:
    """The work queue itself."""

    poison: Sequence[str] = POISON

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self.where = sqs, url

    def send(self, bodies: Sequence[str]) -> None:
        """Ten messages a request."""
        for some in _portions(bodies):
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(some)]
            answer = self._sqs.send_message_batch(QueueUrl=self.where, Entries=entries)
            if failed := answer.get("Failed"):
                raise UserError(f"the queue refused {len(failed)} messages: {failed[0].get('Message')}")


class BusDoor:
    """The event bus: the detail of an event is the message."""

    poison: Sequence[str] = JSON_POISON

    def __init__(self, events: Any, arn: str) -> None:
        self._events, self.where = events, arn

    def send(self, bodies: Sequence[str]) -> None:
        """Ten events a request."""
        for some in _portions(bodies):
            entries = [
                {"EventBusName": self.where, "Source": "demo", "DetailType": "item", "Detail": body} for body in some
            ]
            answer = self._events.put_events(Entries=entries)
            if answer["FailedEntryCount"]:
                failed = next(entry for entry in answer["Entries"] if entry.get("ErrorCode"))
                raise UserError(f"the bus refused {answer['FailedEntryCount']} events: {failed.get('ErrorMessage')}")


class HttpDoor:
    """The HTTP API, which takes requests that are signed."""

    poison: Sequence[str] = POISON

    def __init__(self, credentials: Any, url: str) -> None:
        self._signer: Any = SigV4Auth(credentials, "execute-api", REGION)
        self._http, self.where = URLLib3Session(proxies={}), url

    def send(self, bodies: Sequence[str]) -> None:
        """One item a request."""
        for body in bodies:
            headers = {"Content-Type": "application/json"}
            request: Any = AWSRequest("POST", self.where, headers=headers, data=body.encode())
            self._signer.add_auth(request)
            answer = self._http.send(request.prepare())
            if answer.status_code != 200:  # noqa: PLR2004 - HTTP's OK
                raise UserError(f"the API refused an item with status {answer.status_code}: {answer.text}")


def door(session: boto3.Session, config: Config, endpoint: str, outputs: Mapping[str, Any]) -> Door:
    """The way in that the stack's outputs name."""
    match outputs.get("ingress"):
        case "events":
            return BusDoor(session.client("events", endpoint_url=endpoint, config=config), outputs["event_bus_arn"])
        case "http":
            return HttpDoor(session.get_credentials(), outputs["api_url"])
        case _:
            return QueueDoor(session.client("sqs", endpoint_url=endpoint, config=config), outputs["queue_url"])


def _portions(bodies: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(bodies), MOST):
        yield bodies[start : start + MOST]
