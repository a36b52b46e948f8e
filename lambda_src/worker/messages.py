"""What travels: items in, results out, and why one could not be worked on."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, NoReturn

FEATURES: Final = 4
"""How many numbers the model was trained on."""
LARGEST_FEATURE: Final = 3.4028234663852886e38
"""The largest number of single precision, in which XGBoost computes: it refuses a batch for one that is larger."""
LONGEST_ID: Final = 256
"""In characters: far below the 2,048 bytes that DynamoDB allows a key."""
ATTEMPT: Final = "attempt"
"""The message attribute that counts how often work was put back as a new message."""
LONGEST_COUNT: Final = 4
"""Digits: far more than a message is ever put back."""
CORRELATION: Final = "correlation_id"
"""The message attribute by which a sender follows its work through the logs."""


class Message(NamedTuple):
    """One delivery from the queue.

    The receipt tells the queue which delivery failed, the handle puts it back at another time than the queue would.
    receives: how often it was delivered, attempt: how often its work was put back before. correlation: the sender's
    own id for it, else the queue's; trace: X-Ray's.
    """

    receipt: str
    body: str
    handle: str = ""
    receives: int = 1
    attempt: int = 0
    correlation: str = ""
    trace: str = ""

    @staticmethod
    def of(record: dict[str, Any]) -> Message:
        """Read a record of https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html."""
        attributes, own = record.get("attributes", {}), record.get("messageAttributes", {})
        return Message(
            receipt=record["messageId"],
            body=record["body"],
            handle=record.get("receiptHandle", ""),
            receives=int(attributes.get("ApproximateReceiveCount", "1")),
            attempt=_count(own.get(ATTEMPT, {}).get("stringValue")),
            correlation=own.get(CORRELATION, {}).get("stringValue") or record["messageId"],
            trace=attributes.get("AWSTraceHeader", ""),
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to predict. Its id is the sender's: however often it is sent, it has one result."""

    id: str
    features: tuple[float, ...]

    def body(self) -> str:
        """The message that it came as."""
        return json.dumps({"id": self.id, "features": self.features})


@dataclass(frozen=True, slots=True)
class Result:
    """What the model said about an item. `processed_at` is an ISO 8601 time in UTC."""

    id: str
    prediction: float
    endpoint: str
    processed_at: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Ids that are to be worked on now, and ids that somebody else works on just now; all further ones are done."""

    mine: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)


class Failure(NamedTuple):
    """A delivery that the queue must keep, and why. hopeless: it can never be worked on."""

    message: Message
    reason: str
    hopeless: bool = False


class InvalidMessageError(ValueError):
    """The message can never be worked on, however often it is delivered."""


class UnavailableError(Exception):
    """The model or a store does not answer now: what was asked of it must be asked again later."""


def parse(body: str) -> Item:
    """Read `{"id": "item-000001", "features": [1.0, 2.0, 3.0, 4.0]}`. Raises InvalidMessageError with the reason."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):  # RecursionError: brackets nested thousands deep
        _reject("the message is not JSON")
    if not isinstance(content, dict):
        _reject("the message is not a JSON object")
    return Item(_id(content.get("id")), _features(content.get("features")))


def _count(given: str | None) -> int:
    """A sender may write anything, and Python refuses to read numbers of some thousand digits."""
    return int(given) if given is not None and given.isdecimal() and len(given) <= LONGEST_COUNT else 0


def _id(given: object) -> str:
    if given is None:
        _reject("id is missing")
    if not isinstance(given, str):
        _reject("id is not a string")
    if not (0 < len(given) <= LONGEST_ID and given.isprintable()):
        _reject(f"id is not 1 to {LONGEST_ID} printable characters")
    return given


def _features(given: object) -> tuple[float, ...]:
    if given is None:
        _reject("features are missing")
    if not isinstance(given, list):
        _reject("features are not a list")
    if len(given) != FEATURES:
        _reject(f"{len(given)} features instead of {FEATURES}")
    return tuple(_number(value, at) for at, value in enumerate(given))


def _number(value: object, at: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _reject(f"features[{at}] is not a number")
    try:
        number = float(value)
    except OverflowError:  # an integer of more than 308 digits
        number = math.inf
    if not math.isfinite(number):
        _reject(f"features[{at}] is not finite")
    if abs(number) > LARGEST_FEATURE:
        _reject(f"features[{at}] is more than the model can take")
    return number


def _reject(reason: str) -> NoReturn:
    raise InvalidMessageError(reason) from None
