"""HTTP requests and responses of the local AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, quote
from uuid import uuid4

from localcloud.checkout import ACCOUNT, REGION

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    async def send(self, send: Send) -> None:
        """Write it out."""
        headers = {"content-length": str(len(self.body)), "x-amzn-requestid": str(uuid4())} | self.headers
        wire = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": wire})
        await send({"type": "http.response.body", "body": self.body})


class AwsError(Exception):
    """An error response of AWS: code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code, self.message, self.status = code, message, status
        super().__init__(f"{code}: {message}")

    def response(self) -> Response:
        """The error in the format of the JSON protocols."""
        body = {"__type": self.code, "message": self.message, "Message": self.message}
        return json_response(body, self.status, **{"x-amzn-errortype": self.code})


def json_response(body: object, status: int = 200, **headers: str) -> Response:
    """Return a JSON response."""
    return Response(status, {"content-type": "application/x-amz-json-1.1", **headers}, json.dumps(body).encode())


@dataclass
class Request:
    """One HTTP request to an AWS service. `body` is complete after `read`."""

    scope: Scope
    body: bytes = b""
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.scope["headers"]
        }

    @property
    def method(self) -> str:
        """The HTTP method."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The decoded path."""
        return str(self.scope["path"])

    @property
    def raw_path(self) -> str:
        """The path as the client signed it."""
        return (self.scope.get("raw_path") or quote(self.path).encode()).decode("latin-1")

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query parameters."""
        return parse_qs(self.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)

    @cached_property
    def _credential(self) -> tuple[str, str, str]:
        found = CREDENTIAL.search(self.headers.get("authorization", ""))
        if found is None:
            found = CREDENTIAL.search("Credential=" + (self.query.get("X-Amz-Credential") or [""])[0])
        return (found[1], found[2], found[3]) if found else ("", REGION, "")

    @property
    def access_key(self) -> str:
        """The access key of the signature; empty for an unsigned request."""
        return self._credential[0]

    @property
    def region(self) -> str:
        """The region of the signature."""
        return self._credential[1]

    @property
    def service(self) -> str:
        """The signing name of the signature; empty for an unsigned request."""
        return self._credential[2]

    @property
    def target(self) -> str:
        """The X-Amz-Target header of the JSON protocols, such as `SageMaker.CreateModel`."""
        return self.headers.get("x-amz-target", "")

    @property
    def signed_by_role(self) -> bool:
        """Whether the request is signed by a role session, not by the owner of the account."""
        return self.access_key.startswith(("ASIA", "AKIA"))

    @cached_property
    def json(self) -> dict[str, Any]:
        """The JSON body; empty if there is none or it is not an object."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    async def read(self, receive: Receive) -> None:
        """Read the body to its end."""
        chunks = []
        while True:
            message = await receive()
            if message["type"] != "http.request":
                break
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                break
        self.body = b"".join(chunks)

    def replayed(self, receive: Receive) -> Receive:
        """Return a `receive` that replays the body which was read."""
        rest: list[Message] = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def again() -> Message:
            return rest.pop() if rest else await receive()

        return again


def arn(service: str, resource: str, region: str = REGION) -> str:
    """Return the ARN of a resource in this account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"
