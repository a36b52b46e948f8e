"""The processing of a batch, with fakes of the model and the store."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logic import backoff, process_batch, read_batch, retry_delay
from messages import Claim, Failure, Message, Result, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = "2026-01-02T03:04:05+00:00"
DOWN = UnavailableError("down")


class FakeModel:
    """Predicts the sum of the features, or returns or raises `answer`."""

    endpoint = "sums"

    def __init__(self, answer: list[float] | Exception | None = None) -> None:
        self.answer = answer
        self.requests: list[list[Sequence[float]]] = []

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Predict, and record the request."""
        self.requests.append(list(rows))
        if isinstance(self.answer, Exception):
            raise self.answer
        return [sum(row) for row in rows] if self.answer is None else self.answer


class FakeStore:
    """Stores the first result of an item and tracks claims; `fault` names the method that raises: claim or save."""

    def __init__(self, fault: str = "", busy: frozenset[str] = frozenset()) -> None:
        self.results: dict[str, Result] = {}
        self.taken: set[str] = set()
        self.fault, self.busy = fault, busy
        self.kept: list[list[str]] = []

    def claim(self, ids: Sequence[str]) -> Claim:
        """Claim ids that have neither result nor owner."""
        if self.fault == "claim":
            raise DOWN
        new = [id_ for id_ in ids if id_ not in self.results]
        busy = [id_ for id_ in new if id_ in self.taken | self.busy]
        mine = [id_ for id_ in new if id_ not in busy]
        self.taken.update(mine)
        return Claim(mine, busy)

    def save(self, results: Sequence[Result]) -> None:
        """Store the first result of each item."""
        self.kept.append([result.id for result in results])
        if self.fault == "save":
            raise DOWN
        for result in results:
            self.results.setdefault(result.id, result)
            self.taken.discard(result.id)

    def release_quietly(self, ids: Sequence[str]) -> None:
        """Release claims."""
        self.taken.difference_update(ids)


def run(messages: list[Message], model: FakeModel, store: FakeStore) -> list[tuple[str, str]]:
    """Process messages as the handler does; return the message ids that failed, and why."""
    batch = read_batch(messages)
    before = len(store.results)
    stored = process_batch(batch, model, store, NOW)
    assert stored == len(store.results) - before
    return [(failure.message.message_id, failure.reason) for failure in batch.failures]


def message(receipt: str, id_: str = "", features: tuple[float, ...] = (1, 2, 3, 4)) -> Message:
    """A delivery of an item; the item's id is the message id unless given."""
    return Message(receipt, json.dumps({"id": id_ or receipt, "features": features}))


def test_a_batch_is_one_request_and_one_result_per_item() -> None:
    """One request in the order of the messages, and one write of all results."""
    model, store = FakeModel(), FakeStore()
    assert run([message("a"), message("b", features=(0, 0, 0, 0.5))], model, store) == []
    assert model.requests == [[(1, 2, 3, 4), (0, 0, 0, 0.5)]]
    assert store.results == {"a": Result("a", 10, "sums", NOW), "b": Result("b", 0.5, "sums", NOW)}
    assert store.kept == [["a", "b"]]


def test_a_poison_message_fails_alone() -> None:
    """The other results are stored; only the poison message is a permanent failure."""
    store = FakeStore()
    batch = read_batch([message("a"), Message("poison", "{"), message("b")])
    process_batch(batch, FakeModel(), store, NOW)
    assert batch.failures == [Failure(Message("poison", "{"), "the message is not JSON", permanent=True)]
    assert set(store.results) == {"a", "b"}


def test_a_batch_of_poison_messages_calls_neither_model_nor_store() -> None:
    """There are no items to process."""
    model, store = FakeModel(), FakeStore("claim")
    assert len(run([Message("a", ""), Message("b", "[]")], model, store)) == 2
    assert (model.requests, store.kept) == ([], [])


def test_a_duplicate_within_a_batch_is_predicted_once() -> None:
    """Both deliveries succeed; the first one's features count, as they do across batches."""
    model, store = FakeModel(), FakeStore()
    assert run([message("a", "item"), message("b", "item", (9, 9, 9, 9))], model, store) == []
    assert model.requests == [[(1, 2, 3, 4)]]
    assert store.kept == [["item"]]


def test_both_deliveries_of_an_item_fail_together() -> None:
    """Otherwise the queue would delete one delivery of an item that has no result."""
    store = FakeStore()
    failures = run([message("a", "item"), message("b", "item"), message("c")], FakeModel([math.nan, 1.0]), store)
    assert [receipt for receipt, _ in failures] == ["a", "b"]
    assert set(store.results) == {"c"}


def test_a_finished_item_is_not_predicted_again() -> None:
    """At-least-once delivery, exactly one result and, without faults, one prediction."""
    store, second = FakeStore(), FakeModel([77.0])
    assert run([message("a", "item")], FakeModel(), store) == []
    assert run([message("b", "item"), message("c")], second, store) == []
    assert second.requests == [[(1, 2, 3, 4)]]
    assert {id_: result.prediction for id_, result in store.results.items()} == {"item": 10, "c": 77}


def test_an_item_claimed_by_another_owner_fails() -> None:
    """The other owner may still fail, so this delivery must not be deleted."""
    store = FakeStore(busy=frozenset({"a"}))
    failures = run([message("a"), message("b")], FakeModel(), store)
    assert failures == [("a", "the item is being worked on by somebody else")]
    assert set(store.results) == {"b"}


def test_an_unavailable_model_fails_and_releases_all_items() -> None:
    """Nothing is stored, every message fails, and the next delivery can claim the items."""
    store = FakeStore()
    failures = run([message("a"), message("b")], FakeModel(UnavailableError("throttled")), store)
    assert failures == [("a", "throttled"), ("b", "throttled")]
    assert (store.kept, store.taken) == ([], set())


@pytest.mark.parametrize("answer", [[], [1.0], [1.0, 2.0, 3.0]])
def test_a_wrong_number_of_predictions_fails_all_items(answer: list[float]) -> None:
    """It is unknown which prediction belongs to which item, so none is used."""
    store = FakeStore()
    failures = run([message("a"), Message("p", ""), message("b")], FakeModel(answer), store)
    assert [receipt for receipt, _ in failures] == ["p", "a", "b"]
    assert failures[1][1] == f"the model made {len(answer)} predictions for 2 items"
    assert (store.kept, store.taken) == ([], set())


@pytest.mark.parametrize(
    ("prediction", "reason"),
    [
        (math.nan, "the prediction is not a finite number"),
        (math.inf, "the prediction is not a finite number"),
        (1e126, "the prediction 1e+126 is more than the store can keep"),  # DynamoDB ends at 9.99e125
        (-1e-131, "the prediction -1e-131 is more than the store can keep"),  # and begins at 1e-130
    ],
)
def test_a_prediction_that_cannot_be_stored_fails_only_its_item(prediction: float, reason: str) -> None:
    """Zero and numbers within DynamoDB's range can be stored."""
    store = FakeStore()
    failures = run([message("a"), message("b"), message("c")], FakeModel([prediction, 0.0, -9e125]), store)
    assert failures == [("a", reason)]
    assert set(store.results) == {"b", "c"}


@pytest.mark.parametrize("fault", ["claim", "save"])
def test_an_unavailable_store_fails_all_items(fault: str) -> None:
    """A batch is stored completely or not at all; without a claim the model is not called."""
    store, model = FakeStore(fault), FakeModel()
    assert run([message("a"), message("b")], model, store) == [("a", "down"), ("b", "down")]
    assert (store.results, store.taken) == ({}, set())
    assert len(model.requests) == (fault == "save")


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "poison"]), max_size=10),
    st.sampled_from(["", "claim", "save"]),
    st.sets(st.sampled_from("abcd")).map(frozenset),
    st.none() | st.lists(st.floats(), max_size=4) | st.just(UnavailableError("u")),
)
def test_every_delivery_is_either_stored_or_failed(
    ids: list[str], fault: str, busy: frozenset[str], answer: list[float] | Exception | None
) -> None:
    """Whatever model and store do, no delivery is lost, none is both, and no claim remains."""
    messages = [Message(str(at), "poison") if id_ == "poison" else message(str(at), id_) for at, id_ in enumerate(ids)]
    store = FakeStore(fault, busy)
    failed = [receipt for receipt, _ in run(messages, FakeModel(answer), store)]
    stored = [str(at) for at, id_ in enumerate(ids) if id_ in store.results]
    assert sorted(failed + stored) == sorted(str(at) for at in range(len(ids)))
    assert not store.taken


@given(st.integers(1, 10_000), st.text(max_size=40))
def test_backoff_grows_up_to_the_longest_sqs_delay(times: int, receipt: str) -> None:
    """5 s plus up to a half as jitter, then twice as long each time."""
    seconds = backoff(times, receipt)
    assert 5 <= seconds <= 900
    assert seconds >= min(900, 5 * 2 ** min(times - 1, 8))
    assert seconds <= 5 * 2 ** min(times - 1, 20) * 1.5
    assert backoff(times + 1, receipt) >= seconds


def test_permanent_failures_are_not_delayed() -> None:
    """They reach the dead-letter queue within seconds; other failures wait by their receive count."""
    message = Message("a", "{", receives=4)
    assert retry_delay(Failure(message, "not JSON", permanent=True)) == 0
    assert retry_delay(Failure(message, "down")) == backoff(4, "a")


def test_backoff_has_jitter() -> None:
    """Up to a half of the base delay."""
    assert len({backoff(6, f"receipt-{at}") for at in range(100)}) > 30
