"""Parts of the local AWS that need no server: what stays in a queue, the model, faults, isolation."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.functions.batch import failed_messages, return_messages
from localcloud.aws.isolation import audit_hook
from localcloud.aws.sagemaker.builtin_model import ContainerError, rows, score

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=8,
)
IDS = st.sets(st.text(min_size=1, max_size=4), min_size=1, max_size=6)


@given(IDS, st.data())
def test_what_was_named_stays(ids: set[str], data: st.DataObject) -> None:
    """A proper answer leaves exactly the messages it names, as an object or as its text."""
    named = data.draw(st.sets(st.sampled_from(sorted(ids))))
    answer = {"batchItemFailures": [{"itemIdentifier": name} for name in named]}
    assert failed_messages(ids, answer, partial=True) == named
    assert failed_messages(ids, json.dumps(answer), partial=True) == named
    assert failed_messages(ids, answer, partial=False) == set()


@given(IDS, JSON)
def test_any_answer_leaves_something_known(ids: set[str], answer: Any) -> None:
    """Whatever a function returns, what stays is part of the batch, and a wrong form leaves all of it."""
    left = failed_messages(ids, answer, partial=True)
    assert left <= ids
    if isinstance(answer, list | float | bool) and answer:
        assert left == ids


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (None, set()),
        ({}, set()),
        ("", set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"other": 1}, set()),
        ("no JSON", {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, {"a", "b"}),
        ({"batchItemFailures": [{"id": "a"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "stranger"}]}, {"a", "b"}),
        ({"batchItemFailures": ["a"]}, {"a", "b"}),
        ({"batchItemFailures": {"itemIdentifier": "a"}}, {"a", "b"}),
    ],
)
def test_the_documented_answers(answer: object, left: set[str]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, case by case."""
    assert failed_messages(["a", "b"], answer, partial=True) == left


def test_a_message_somebody_else_received_is_not_given_back() -> None:
    """Its receipt is another one by then."""
    mine: dict[str, Any] = {"id": "1", "receipt_handle": "r1", "visible_at": 1e12}
    theirs = {"id": "2", "receipt_handle": "new", "visible_at": 1e12}
    return_messages([mine, theirs], {"1": "r1", "2": "old"}, 0)
    assert mine["visible_at"] < 1e12
    assert theirs["visible_at"] == 1e12


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=20))
def test_every_score_is_a_probability(features: list[float]) -> None:
    """Also where the sum is out of reach of exp()."""
    assert 0 <= score(features) <= 1
    assert rows(",".join(map(repr, features)).encode(), "text/csv") == [features]


@given(st.binary(max_size=40), st.sampled_from(["text/csv", "text/csv; charset=utf-8", "application/json", ""]))
def test_any_body_is_answered_or_refused(body: bytes, content_type: str) -> None:
    """Its rows are finite numbers, or it is refused with the container's error."""
    try:
        assert all(math.isfinite(one) for row in rows(body, content_type) for one in row)
    except ContainerError as refusal:
        assert refusal.status in {400, 415}  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
def test_this_machine_is_home(host: str) -> None:
    """Loopback addresses, by number and by name."""
    audit_hook("socket.connect", (None, (host, 80)))
    audit_hook("socket.getaddrinfo", (host, 80))


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "169.254.169.254", "2001:db8::1", "0.0.0.0"])  # noqa: S104 - refused
def test_everything_else_is_not(host: str) -> None:
    """Other machines, their names, and the metadata service."""
    with pytest.raises(PermissionError):
        audit_hook("socket.connect", (None, (host, 80)))
    with pytest.raises(PermissionError):
        audit_hook("socket.getaddrinfo", (host.encode(), 80))
