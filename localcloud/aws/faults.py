"""Fault injection for every service, at `/_localcloud/faults`."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from localcloud.aws.http_messages import AwsError, Response, json_response

CODES: Final = {
    400: "ValidationException",
    403: "AccessDeniedException",
    429: "ThrottlingException",
    500: "InternalFailure",
    503: "ServiceUnavailable",
}


@dataclass
class Fault:
    """What happens to matching requests while the fault is active.

    service: signing name, such as `sagemaker` (also for InvokeEndpoint) or `dynamodb`. action: such as `PutItem`; empty
    for all. latency_ms: added before the response. status: of the error (0: none, the request is answered normally).
    code: of the error (by default one that fits the status; ModelError, with status 424, is the container's own error).
    original_status: of the container, with ModelError. details: further members of the error's body, such as the
    CancellationReasons of DynamoDB. for_s: duration in seconds (0: until it is removed). times: number of requests (0:
    all).
    """

    service: str
    action: str = ""
    latency_ms: float = 0.0
    status: int = 0
    code: str = ""
    original_status: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    for_s: float = 0.0
    times: int = 0
    hits: int = 0
    began: float = 0.0

    def active(self) -> bool:
        """Whether it is still applied to requests."""
        lasts = not self.for_s or time.monotonic() < self.began + self.for_s
        return lasts and (not self.times or self.hits < self.times)


class FaultError(AwsError):
    """The error of a fault."""

    def __init__(self, fault: Fault) -> None:
        code = fault.code or CODES.get(fault.status, "InternalFailure")
        super().__init__(code, "a fault that was asked for", fault.status)
        self.details = fault.details
        self.original_status = fault.original_status or (500 if code == "ModelError" else fault.status)

    def response(self) -> Response:
        """Return it, with what SageMaker tells of the container and whatever else was asked for."""
        body = {"__type": self.code, "message": self.message, "OriginalStatusCode": self.original_status}
        body |= self.details
        return json_response(body, self.status, **{"x-amzn-errortype": self.code})


class Faults:
    """The active faults, oldest first; the first one that matches a request is applied."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, wanted: dict[str, Any]) -> None:
        """Add a fault."""
        try:
            fault = Fault(**{**wanted, "hits": 0, "began": time.monotonic()})
        except TypeError as error:
            raise AwsError("ValidationException", str(error)) from error
        self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def shown(self) -> list[dict[str, Any]]:
        """Return the active faults, and the number of requests to which each was applied."""
        self._faults = [fault for fault in self._faults if fault.active()]
        return [asdict(fault) for fault in self._faults]

    def may_match(self, service: str) -> bool:
        """Whether a fault may match requests to the service; called for every request, so it has to be fast."""
        return bool(self._faults) and any(fault.service == service and fault.active() for fault in self._faults)

    async def apply(self, service: str, action: str) -> None:
        """Let a request meet its fault: wait, then raise FaultError, unless it is to be answered normally."""
        for fault in self._faults:
            if fault.service == service and fault.action in {"", action} and fault.active():
                fault.hits += 1
                await asyncio.sleep(fault.latency_ms / 1000)
                if fault.status:
                    raise FaultError(fault)
                return


FAULTS = Faults()
