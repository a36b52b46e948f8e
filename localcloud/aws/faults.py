"""Faults on demand, for every service alike, at `/_localcloud/faults`: AWS having a bad moment."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from localcloud.aws.wire import AwsError, Response, answer

CODES: Final = {
    400: "ValidationException",
    403: "AccessDeniedException",
    429: "ThrottlingException",
    500: "InternalFailure",
    503: "ServiceUnavailable",
}


@dataclass
class Fault:
    """What happens to matching requests until it is over.

    service: signing name, such as `sagemaker` (InvokeEndpoint too) or `dynamodb`. action: such as `PutItem`; empty for
    all. latency_ms: added before the answer. status: of the error (0: none, the request is answered normally).
    code: of the error (by default one that fits the status; ModelError, with the status 424, is the container's own
    error). original_status: of the container, with ModelError. details: what else the error's body says, such as
    the CancellationReasons of DynamoDB. for_s: seconds it lasts (0: until it is cleared). times: requests it hits (0:
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
        """Whether it still hits requests."""
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
        return answer(body, self.status, **{"x-amzn-errortype": self.code})


class Faults:
    """The faults in force, oldest first; the first that matches a request hits it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, wanted: dict[str, Any]) -> None:
        """Put a fault in force."""
        try:
            fault = Fault(**{**wanted, "hits": 0, "began": time.monotonic()})
        except TypeError as error:
            raise AwsError("ValidationException", str(error)) from error
        self._faults.append(fault)

    def clear(self) -> None:
        """End them all."""
        self._faults.clear()

    def shown(self) -> list[dict[str, Any]]:
        """Return the faults in force, and how many requests each has hit."""
        self._faults = [fault for fault in self._faults if fault.active()]
        return [asdict(fault) for fault in self._faults]

    def concern(self, service: str) -> bool:
        """Whether any request to the service may be hit; asked for every request, so it has to be cheap."""
        return bool(self._faults) and any(fault.service == service and fault.active() for fault in self._faults)

    async def meet(self, service: str, action: str) -> None:
        """Let a request meet its fault: wait, then raise FaultError, unless it is to be answered normally."""
        for fault in self._faults:
            if fault.service == service and fault.action in {"", action} and fault.active():
                fault.hits += 1
                await asyncio.sleep(fault.latency_ms / 1000)
                if fault.status:
                    raise FaultError(fault)
                return


FAULTS = Faults()
