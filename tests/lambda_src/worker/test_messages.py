"""Parsing of messages: every input is either an item or refused with a reason."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import LARGEST_FEATURE, InvalidMessageError, Item, Message, parse

GOOD: dict[str, Any] = {"id": "item-000001", "features": [1.0, 2.0, 3.0, 4.0]}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=256),
    st.lists(st.floats(-LARGEST_FEATURE, LARGEST_FEATURE), min_size=4, max_size=4),
)
def test_a_valid_message_is_parsed_unchanged(id_: str, features: list[float]) -> None:
    """Ids and features are not altered."""
    assert parse(json.dumps({"id": id_, "features": features})) == Item(id_, tuple(features))


@given(st.text() | VALUES.map(json.dumps))
def test_arbitrary_input_is_an_item_or_refused_with_a_reason(body: str) -> None:
    """No message body can crash the worker."""
    try:
        item = parse(body)
    except InvalidMessageError as error:
        reason = str(error)
    else:
        reason = ""
        assert len(item.features) == 4
    assert reason or item.id


@given(VALUES, VALUES)
def test_accepted_items_can_be_stored(id_: object, features: object) -> None:
    """An accepted id fits a key; an accepted feature is finite in single precision too."""
    try:
        item = parse(json.dumps({"id": id_, "features": features}))
    except InvalidMessageError:
        return
    assert 0 < len(item.id.encode()) <= 2048
    struct.pack("4f", *item.features)  # raises where one overflows
    assert all(math.isfinite(number) for number in item.features)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the message is not JSON"),
        ("item-000001", "the message is not JSON"),
        ("[" * 100_000, "the message is not JSON"),  # nested too deep for the parser
        ("9" * 5_000, "the message is not JSON"),  # more digits than Python converts
        ("[]", "the message is not a JSON object"),
        ("null", "the message is not a JSON object"),
        ({"features": [1, 2, 3, 4]}, "id is missing"),
        (GOOD | {"id": None}, "id is missing"),
        (GOOD | {"id": 1}, "id is not a string"),
        (GOOD | {"id": ""}, "id is not 1 to 256 printable characters"),
        (GOOD | {"id": "x" * 257}, "id is not 1 to 256 printable characters"),
        (GOOD | {"id": "a\nb"}, "id is not 1 to 256 printable characters"),
        (GOOD | {"id": "\ud800"}, "id is not 1 to 256 printable characters"),  # half a surrogate pair: no UTF-8
        ({"id": "a"}, "features are missing"),
        (GOOD | {"features": "1,2,3,4"}, "features are not a list"),
        (GOOD | {"features": {}}, "features are not a list"),
        (GOOD | {"features": []}, "0 features instead of 4"),
        (GOOD | {"features": [1, 2, 3, 4, 5]}, "5 features instead of 4"),
        (GOOD | {"features": [1, 2, "3", 4]}, "features[2] is not a number"),
        (GOOD | {"features": [1, 2, True, 4]}, "features[2] is not a number"),
        (GOOD | {"features": [1, 2, None, 4]}, "features[2] is not a number"),
        (GOOD | {"features": [math.nan, 2, 3, 4]}, "features[0] is not finite"),
        (GOOD | {"features": [1, -math.inf, 3, 4]}, "features[1] is not finite"),
        (GOOD | {"features": [1, 2, 3, 10**400]}, "features[3] is not finite"),
        (GOOD | {"features": [1, 2, 3.5e38, 4]}, "features[2] is more than the model can take"),
        (GOOD | {"features": [-(10**39), 2, 3, 4]}, "features[0] is more than the model can take"),
    ],
)
def test_the_reason_for_an_invalid_message(body: object, reason: str) -> None:
    """Operators read this reason in the log when a message is in the dead-letter queue."""
    with pytest.raises(InvalidMessageError) as error:
        parse(body if isinstance(body, str) else json.dumps(body))
    assert str(error.value) == reason


def test_unknown_fields_are_ignored() -> None:
    """A sender may add a field before the worker supports it."""
    assert parse(json.dumps(GOOD | {"trace": "1-5759e988"})) == Item("item-000001", (1.0, 2.0, 3.0, 4.0))


def test_an_item_survives_a_round_trip() -> None:
    """A requeued message equals the original."""
    item = Item("item-ä", (1.0, -2.5, LARGEST_FEATURE, 0.1))
    assert parse(item.body()) == item


def test_a_record_of_an_sqs_event_is_parsed() -> None:
    """With message id, receipt handle, receive count, attempt, correlation id and trace."""
    record = {
        "messageId": "m-1",
        "receiptHandle": "h-1",
        "body": "b",
        "attributes": {"ApproximateReceiveCount": "3", "AWSTraceHeader": "Root=1-5759e988"},
        "messageAttributes": {
            "attempt": {"stringValue": "2", "dataType": "Number"},
            "correlation_id": {"stringValue": "order-7", "dataType": "String"},
        },
    }
    assert Message.of(record) == Message("m-1", "b", "h-1", 3, 2, "order-7", "Root=1-5759e988")


@pytest.mark.parametrize("attempt", ["-1", "many", "", "²", "9" * 5_000, None])
def test_invalid_message_attributes_are_ignored(attempt: str | None) -> None:
    """The sender controls them: the body is processed whatever they contain."""
    record = {"messageId": "m-1", "body": "b", "messageAttributes": {"attempt": {"stringValue": attempt}}}
    assert Message.of(record) == Message("m-1", "b", correlation="m-1")
