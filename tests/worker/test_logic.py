"""What the worker does with a batch, with fakes of the model and the store."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from logic import decide, keep, read
from messages import Failure, Message, RefusedError, Result, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = "2026-01-02T03:04:05+00:00"


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
    """Keeps the first result of an item; `faults` are raised for the items they name."""

    def __init__(self, faults: dict[str, Exception] | None = None) -> None:
        self.results: dict[str, Result] = {}
        self.faults = faults or {}
        self.asked: list[str] = []

    def keep(self, result: Result) -> None:
        """Keep the first result of an item."""
        self.asked.append(result.id)
        if result.id in self.faults:
            raise self.faults[result.id]
        self.results.setdefault(result.id, result)


def work(messages: list[Message], model: FakeModel, store: FakeStore) -> list[Failure]:
    """What the handler does, without AWS."""
    batch = read(messages)
    keep(batch, decide(batch, model, NOW), store)
    return batch.failures


def message(receipt: str, id_: str = "", features: tuple[float, ...] = (1, 2, 3, 4)) -> Message:
    """One delivery of an item, whose id is the receipt where nothing else is said."""
    return Message(receipt, json.dumps({"id": id_ or receipt, "features": features}))


def test_a_batch_is_one_request_and_one_result_an_item() -> None:
    """The model is asked once, in the order of the messages."""
    model, store = FakeModel(), FakeStore()
    assert work([message("a"), message("b", features=(0, 0, 0, 0.5))], model, store) == []
    assert model.asked == [[(1, 2, 3, 4), (0, 0, 0, 0.5)]]
    assert store.results == {"a": Result("a", 10, "sums", NOW), "b": Result("b", 0.5, "sums", NOW)}


def test_a_poison_message_fails_alone() -> None:
    """The others of its batch are stored."""
    store = FakeStore()
    failures = work([message("a"), Message("poison", "{"), message("b")], FakeModel(), store)
    assert failures == [Failure("poison", "the message is not JSON")]
    assert set(store.results) == {"a", "b"}


def test_a_batch_of_poison_does_not_trouble_the_model() -> None:
    """There is nothing to ask."""
    model = FakeModel()
    assert len(work([Message("a", ""), Message("b", "[]")], model, FakeStore())) == 2
    assert model.asked == []


def test_an_item_that_comes_twice_in_a_batch_has_one_row_and_one_result() -> None:
    """Both deliveries succeed; the first one's features count, as they do across batches."""
    model, store = FakeModel(), FakeStore()
    assert work([message("a", "item"), message("b", "item", (9, 9, 9, 9))], model, store) == []
    assert model.asked == [[(1, 2, 3, 4)]]
    assert store.asked == ["item"]


def test_both_deliveries_of_an_item_fail_together() -> None:
    """Otherwise the queue would delete one delivery of an item that has no result."""
    store = FakeStore({"item": RefusedError("no")})
    failures = work([message("a", "item"), message("b", "item"), message("c")], FakeModel(), store)
    assert failures == [Failure("a", "no"), Failure("b", "no")]
    assert set(store.results) == {"c"}


def test_an_item_delivered_again_in_a_later_batch_keeps_its_first_result() -> None:
    """At least once from the queue, exactly once in the store."""
    store = FakeStore()
    assert work([message("a", "item")], FakeModel(), store) == []
    assert work([message("b", "item")], FakeModel([77.0]), store) == []
    assert store.results["item"].prediction == 10


def test_a_model_that_does_not_answer_fails_every_item() -> None:
    """Nothing is stored, everything comes back."""
    store = FakeStore()
    failures = work([message("a"), message("b")], FakeModel(UnavailableError("throttled")), store)
    assert failures == [Failure("a", "throttled"), Failure("b", "throttled")]
    assert store.asked == []


def test_a_wrong_number_of_predictions_fails_the_items_that_were_asked_about() -> None:
    """Which prediction belongs to which item cannot be told, so none is believed."""
    for answer in ([], [1.0], [1.0, 2.0, 3.0]):
        store = FakeStore()
        failures = work([message("a"), Message("p", ""), message("b")], FakeModel(answer), store)
        assert [failure.receipt for failure in failures] == ["p", "a", "b"]
        assert failures[1].reason == f"the model made {len(answer)} predictions for 2 items"
        assert store.asked == []


def test_a_prediction_that_is_no_number_fails_its_item_only() -> None:
    """Not a number and infinity cannot be stored."""
    store = FakeStore()
    failures = work([message("a"), message("b"), message("c")], FakeModel([math.nan, 2.0, math.inf]), store)
    assert [failure.receipt for failure in failures] == ["a", "c"]
    assert set(store.results) == {"b"}


def test_a_result_that_the_store_refuses_fails_alone() -> None:
    """The store is still there for the others."""
    store = FakeStore({"a": RefusedError("number too large")})
    assert work([message("a"), message("b")], FakeModel(), store) == [Failure("a", "number too large")]
    assert set(store.results) == {"b"}


def test_a_store_that_does_not_answer_is_not_asked_again_in_the_batch() -> None:
    """What was stored stays stored; the rest comes back, and the function does not run into its timeout."""
    store = FakeStore({"b": UnavailableError("down")})
    failures = work([message("a"), message("b"), message("c")], FakeModel(), store)
    assert failures == [Failure("b", "down"), Failure("c", "down")]
    assert store.asked == ["a", "b"]


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "poison"]), max_size=10),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from([RefusedError("r"), UnavailableError("u")])),
    st.none() | st.lists(st.floats(), max_size=4),
)
def test_every_delivery_is_either_stored_or_failed(
    ids: list[str], faults: dict[str, Exception], answer: list[float] | None
) -> None:
    """Nothing is lost and nothing is both, whatever the model and the store do."""
    messages = [Message(str(at), "poison") if id_ == "poison" else message(str(at), id_) for at, id_ in enumerate(ids)]
    store = FakeStore(faults)
    failed = [failure.receipt for failure in work(messages, FakeModel(answer), store)]
    stored = [str(at) for at, id_ in enumerate(ids) if id_ in store.results]
    assert sorted(failed + stored) == sorted(str(at) for at in range(len(ids)))
