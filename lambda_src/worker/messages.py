"""Messages, items, results, and the reasons for which a message fails."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, NoReturn

FEATURES: Final = 4
"""The number of features that the model was trained on."""
LARGEST_FEATURE: Final = 3.4028234663852886e38
"""The largest single-precision number: XGBoost rejects a whole batch that contains a larger one."""
LONGEST_ID: Final = 256
"""In characters: far below the 2,048 bytes that DynamoDB allows a key."""
ATTEMPT: Final = "attempt"
"""The message attribute that counts how often an item was requeued as a new message."""
LONGEST_COUNT: Final = 4
"""Digits of that count: far more than any item is requeued."""
CORRELATION: Final = "correlation_id"
"""The message attribute with the sender's correlation id, which the logs contain."""


class Message(NamedTuple):
    """One delivery of a message.

    message_id: names it in the partial batch response. receipt_handle: needed to change its visibility timeout.
    receives: how often it was delivered; attempt: how often its item was requeued before. correlation: the sender's
    correlation id, by default the message id. trace: the X-Ray trace header.
    """

    message_id: str
    body: str
    receipt_handle: str = ""
    receives: int = 1
    attempt: int = 0
    correlation: str = ""
    trace: str = ""

    @staticmethod
    def of(record: dict[str, Any]) -> Message:
        """Parse a record of an SQS event: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html."""
        attributes, own = record.get("attributes", {}), record.get("messageAttributes", {})
        return Message(
            message_id=record["messageId"],
            body=record["body"],
            receipt_handle=record.get("receiptHandle", ""),
            receives=int(attributes.get("ApproximateReceiveCount", "1")),
            attempt=_count(own.get(ATTEMPT, {}).get("stringValue")),
            correlation=own.get(CORRELATION, {}).get("stringValue") or record["messageId"],
            trace=attributes.get("AWSTraceHeader", ""),
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One item to predict. The sender chooses its id: however often it is sent, it has one result."""

    id: str
    features: tuple[float, ...]

    def body(self) -> str:
        """The item as a message body."""
        return json.dumps({"id": self.id, "features": self.features})


@dataclass(frozen=True, slots=True)
class Result:
    """The model's prediction for an item. `processed_at` is an ISO 8601 time in UTC."""

    id: str
    prediction: float
    endpoint: str
    processed_at: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The outcome of a claim. mine: ids claimed now; busy: ids claimed by another owner. All other ids are done."""

    mine: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)


class Failure(NamedTuple):
    """A delivery that failed, and the reason. permanent: it is a poison message and can never succeed."""

    message: Message
    reason: str
    permanent: bool = False


class InvalidMessageError(ValueError):
    """The message is invalid and can never be processed."""


class UnavailableError(Exception):
    """The model, a table, a queue or the bucket is unavailable: the operation must be retried later."""


def parse(body: str) -> Item:
    """Parse `{"id": "item-000001", "features": [1.0, 2.0, 3.0, 4.0]}`. Raises InvalidMessageError with the reason."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):  # RecursionError: brackets nested thousands deep
        _reject("the message is not JSON")
    if not isinstance(content, dict):
        _reject("the message is not a JSON object")
    return Item(_id(content.get("id")), _features(content.get("features")))


def _count(given: str | None) -> int:
    """Parse the attempt count: a sender may write anything, and int() rejects strings of some thousand digits."""
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
