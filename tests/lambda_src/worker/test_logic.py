"""What the worker does with a batch, with fakes of the model and the store."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logic import backoff, read, wait, work
from messages import Claim, Failure, Message, Result, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = "2026-01-02T03:04:05+00:00"
DOWN = UnavailableError("down")


class FakeModel:
    """Predicts the sum of the features, or what it is told to."""

    endpoint = "sums"

    def __init__(self, answer: list[float] | Exception | None = None) -> None:
        self.answer = answer
        self.asked: list[list[Sequence[float]]] = []

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Answer, and keep what was asked."""
        self.asked.append(list(rows))
        if isinstance(self.answer, Exception):
            raise self.answer
        return [sum(row) for row in rows] if self.answer is None else self.answer


class FakeStore:
    """Keeps the first result of an item and who has it; `fault` is raised by what it names: claim or keep."""

    def __init__(self, fault: str = "", busy: frozenset[str] = frozenset()) -> None:
        self.results: dict[str, Result] = {}
        self.taken: set[str] = set()
        self.fault, self.busy = fault, busy
        self.kept: list[list[str]] = []

    def claim(self, ids: Sequence[str]) -> Claim:
        """Take on what nobody has."""
        if self.fault == "claim":
            raise DOWN
        new = [id_ for id_ in ids if id_ not in self.results]
        busy = [id_ for id_ in new if id_ in self.taken | self.busy]
        mine = [id_ for id_ in new if id_ not in busy]
        self.taken.update(mine)
        return Claim(mine, busy)

    def keep(self, results: Sequence[Result]) -> None:
        """Keep the first result of each item."""
        self.kept.append([result.id for result in results])
        if self.fault == "keep":
            raise DOWN
        for result in results:
            self.results.setdefault(result.id, result)
            self.taken.discard(result.id)

    def let_go(self, ids: Sequence[str]) -> None:
        """Let go."""
        self.taken.difference_update(ids)


def run(messages: list[Message], model: FakeModel, store: FakeStore) -> list[tuple[str, str]]:
    """What the handler does, without AWS: receipts that failed, and why."""
    batch = read(messages)
    before = len(store.results)
    stored = work(batch, model, store, NOW)
    assert stored == len(store.results) - before
    return [(failure.message.receipt, failure.reason) for failure in batch.failures]


def message(receipt: str, id_: str = "", features: tuple[float, ...] = (1, 2, 3, 4)) -> Message:
    """One delivery of an item, whose id is the receipt where nothing else is said."""
    return Message(receipt, json.dumps({"id": id_ or receipt, "features": features}))


def test_a_batch_is_one_request_and_one_result_an_item() -> None:
    """The model is asked once, in the order of the messages, and all is stored at once."""
    model, store = FakeModel(), FakeStore()
    assert run([message("a"), message("b", features=(0, 0, 0, 0.5))], model, store) == []
    assert model.asked == [[(1, 2, 3, 4), (0, 0, 0, 0.5)]]
    assert store.results == {"a": Result("a", 10, "sums", NOW), "b": Result("b", 0.5, "sums", NOW)}
    assert store.kept == [["a", "b"]]


def test_a_poison_message_fails_alone() -> None:
    """The others of its batch are stored; it alone is hopeless."""
    store = FakeStore()
    batch = read([message("a"), Message("poison", "{"), message("b")])
    work(batch, FakeModel(), store, NOW)
    assert batch.failures == [Failure(Message("poison", "{"), "the message is not JSON", hopeless=True)]
    assert set(store.results) == {"a", "b"}


def test_a_batch_of_poison_troubles_neither_model_nor_store() -> None:
    """There is nothing to ask."""
    model, store = FakeModel(), FakeStore("claim")
    assert len(run([Message("a", ""), Message("b", "[]")], model, store)) == 2
    assert (model.asked, store.kept) == ([], [])


def test_an_item_that_comes_twice_in_a_batch_has_one_row_and_one_result() -> None:
    """Both deliveries succeed; the first one's features count, as they do across batches."""
    model, store = FakeModel(), FakeStore()
    assert run([message("a", "item"), message("b", "item", (9, 9, 9, 9))], model, store) == []
    assert model.asked == [[(1, 2, 3, 4)]]
    assert store.kept == [["item"]]


def test_both_deliveries_of_an_item_fail_together() -> None:
    """Otherwise the queue would delete one delivery of an item that has no result."""
    store = FakeStore()
    failures = run([message("a", "item"), message("b", "item"), message("c")], FakeModel([math.nan, 1.0]), store)
    assert [receipt for receipt, _ in failures] == ["a", "b"]
    assert set(store.results) == {"c"}


def test_an_item_delivered_again_is_not_asked_about_again() -> None:
    """At least once from the queue, exactly once in the store and, without faults, at the model."""
    store, second = FakeStore(), FakeModel([77.0])
    assert run([message("a", "item")], FakeModel(), store) == []
    assert run([message("b", "item"), message("c")], second, store) == []
    assert second.asked == [[(1, 2, 3, 4)]]
    assert {id_: result.prediction for id_, result in store.results.items()} == {"item": 10, "c": 77}


def test_an_item_that_somebody_else_works_on_comes_back() -> None:
    """Whether it will be done is not known yet, so this delivery must not be deleted."""
    store = FakeStore(busy=frozenset({"a"}))
    failures = run([message("a"), message("b")], FakeModel(), store)
    assert failures == [("a", "the item is being worked on by somebody else")]
    assert set(store.results) == {"b"}


def test_a_model_that_does_not_answer_fails_every_item_and_frees_them() -> None:
    """Nothing is stored, everything comes back, and the next delivery can take it on."""
    store = FakeStore()
    failures = run([message("a"), message("b")], FakeModel(UnavailableError("throttled")), store)
    assert failures == [("a", "throttled"), ("b", "throttled")]
    assert (store.kept, store.taken) == ([], set())


@pytest.mark.parametrize("answer", [[], [1.0], [1.0, 2.0, 3.0]])
def test_a_wrong_number_of_predictions_fails_the_items_that_were_asked_about(answer: list[float]) -> None:
    """Which prediction belongs to which item cannot be told, so none is believed."""
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
def test_a_prediction_that_cannot_be_stored_fails_its_item_only(prediction: float, reason: str) -> None:
    """Zero and whatever is in DynamoDB's range can be."""
    store = FakeStore()
    failures = run([message("a"), message("b"), message("c")], FakeModel([prediction, 0.0, -9e125]), store)
    assert failures == [("a", reason)]
    assert set(store.results) == {"b", "c"}


@pytest.mark.parametrize("fault", ["claim", "keep"])
def test_a_store_that_does_not_answer_fails_every_item(fault: str) -> None:
    """A batch is stored whole or not at all; without a claim the model is not even asked."""
    store, model = FakeStore(fault), FakeModel()
    assert run([message("a"), message("b")], model, store) == [("a", "down"), ("b", "down")]
    assert (store.results, store.taken) == ({}, set())
    assert len(model.asked) == (fault == "keep")


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "poison"]), max_size=10),
    st.sampled_from(["", "claim", "keep"]),
    st.sets(st.sampled_from("abcd")).map(frozenset),
    st.none() | st.lists(st.floats(), max_size=4) | st.just(UnavailableError("u")),
)
def test_every_delivery_is_either_stored_or_failed(
    ids: list[str], fault: str, busy: frozenset[str], answer: list[float] | Exception | None
) -> None:
    """Nothing is lost and nothing is both, whatever the model and the store do; nothing stays taken."""
    messages = [Message(str(at), "poison") if id_ == "poison" else message(str(at), id_) for at, id_ in enumerate(ids)]
    store = FakeStore(fault, busy)
    failed = [receipt for receipt, _ in run(messages, FakeModel(answer), store)]
    stored = [str(at) for at, id_ in enumerate(ids) if id_ in store.results]
    assert sorted(failed + stored) == sorted(str(at) for at in range(len(ids)))
    assert not store.taken


@given(st.integers(1, 10_000), st.text(max_size=40))
def test_waits_grow_to_what_sqs_takes_at_most(times: int, receipt: str) -> None:
    """5 s and up to a half more, then twice as long each time."""
    seconds = backoff(times, receipt)
    assert 5 <= seconds <= 900
    assert seconds >= min(900, 5 * 2 ** min(times - 1, 8))
    assert seconds <= 5 * 2 ** min(times - 1, 20) * 1.5
    assert backoff(times + 1, receipt) >= seconds


def test_what_no_wait_can_mend_does_not_wait() -> None:
    """It is set aside within seconds; anything else waits by how often it was delivered."""
    message = Message("a", "{", receives=4)
    assert wait(Failure(message, "not JSON", hopeless=True)) == 0
    assert wait(Failure(message, "down")) == backoff(4, "a")


def test_what_failed_together_does_not_come_back_together() -> None:
    """Half of the wait is spread."""
    assert len({backoff(6, f"receipt-{at}") for at in range(100)}) > 30
