"""What is done with a batch of messages. Knows no AWS, no clock and no environment: those come in as arguments."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from messages import Failure, InvalidMessageError, Item, Message, RefusedError, Result, UnavailableError, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Model(Protocol):
    """Predicts."""

    endpoint: str

    def predict(self, rows: Sequence[Sequence[float]]) -> Sequence[float]:
        """One number a row, in order; NaN where the answer for a row is no number. Raises UnavailableError."""


class Store(Protocol):
    """Keeps results."""

    def keep(self, result: Result) -> None:
        """Keep a result, unless its item has one already. Raises RefusedError and UnavailableError."""


@dataclass(slots=True)
class Batch:
    """The items of a batch by id, the deliveries that brought each one, and the deliveries that failed so far."""

    items: dict[str, Item] = field(default_factory=dict)
    deliveries: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    failures: list[Failure] = field(default_factory=list)

    def fail(self, id_: str, reason: str) -> None:
        """Give every delivery of an item back to the queue."""
        self.failures.extend(Failure(receipt, reason) for receipt in self.deliveries[id_])

    def hopeless(self) -> list[str]:
        """The handles of the messages that can never be worked on."""
        return [failure.handle for failure in self.failures if failure.handle]


def read(messages: Iterable[Message]) -> Batch:
    """Sort a batch into items to work on and messages that fail. Of an item that came twice, the first counts."""
    batch = Batch()
    for message in messages:
        try:
            item = parse(message.body)
        except InvalidMessageError as error:
            batch.failures.append(Failure(message.receipt, str(error), message.handle))
            continue
        batch.items.setdefault(item.id, item)
        batch.deliveries[item.id].append(message.receipt)
    return batch


def decide(batch: Batch, model: Model, now: str) -> list[Result]:
    """Ask the model about all items at once. Items without a usable prediction fail."""
    if not batch.items:
        return []
    try:
        predictions = model.predict([item.features for item in batch.items.values()])
    except UnavailableError as error:
        return _none(batch, str(error))
    if len(predictions) != len(batch.items):  # which prediction belongs to which item cannot be told
        return _none(batch, f"the model made {len(predictions)} predictions for {len(batch.items)} items")
    results = []
    for id_, prediction in zip(batch.items, predictions, strict=True):
        if math.isfinite(prediction):
            results.append(Result(id_, prediction, model.endpoint, now))
        else:
            batch.fail(id_, "the prediction is not a finite number")
    return results


def keep(batch: Batch, results: Iterable[Result], store: Store) -> None:
    """Store the results. When the store stops answering, the rest fails at once: a batch has only so much time."""
    outage = ""
    for result in results:
        if not outage:
            try:
                store.keep(result)
                continue
            except RefusedError as error:
                batch.fail(result.id, str(error))
                continue
            except UnavailableError as error:
                outage = str(error)
        batch.fail(result.id, outage)


def _none(batch: Batch, reason: str) -> list[Result]:
    for id_ in batch.items:
        batch.fail(id_, reason)
    return []
