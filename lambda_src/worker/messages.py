"""What travels: items in, results out, and why one could not be worked on."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final, NamedTuple, NoReturn

FEATURES: Final = 4
"""How many numbers the model was trained on."""
LONGEST_ID: Final = 256
"""In characters: far below the 2,048 bytes that DynamoDB allows a key."""


class Message(NamedTuple):
    """One delivery from the queue. The receipt tells the queue which delivery failed, the handle returns it early."""

    receipt: str
    body: str
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to predict. Its id is the sender's: however often it is sent, it has one result."""

    id: str
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What the model said about an item. `processed_at` is an ISO 8601 time in UTC."""

    id: str
    prediction: float
    endpoint: str
    processed_at: str


class Failure(NamedTuple):
    """A delivery that the queue must keep, and why. It has a handle when it can never succeed."""

    receipt: str
    reason: str
    handle: str = ""


class InvalidMessageError(ValueError):
    """The message can never be worked on, however often it is delivered."""


class RefusedError(Exception):
    """The store will not take this one result; it may well take the others."""


class UnavailableError(Exception):
    """The model or the store does not answer now: what was asked of it must be asked again later."""


def parse(body: str) -> Item:
    """Read `{"id": "item-000001", "features": [1.0, 2.0, 3.0, 4.0]}`. Raises InvalidMessageError with the reason."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):  # RecursionError: brackets nested thousands deep
        _reject("the message is not JSON")
    if not isinstance(content, dict):
        _reject("the message is not a JSON object")
    return Item(_id(content.get("id")), _features(content.get("features")))


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
    return number


def _reject(reason: str) -> NoReturn:
    raise InvalidMessageError(reason) from None
