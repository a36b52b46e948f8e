"""What is done with a batch of messages. Knows no AWS, no clock and no environment: those come in as arguments."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol
from zlib import crc32

from messages import Claim, Failure, InvalidMessageError, Item, Message, Result, UnavailableError, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LARGEST, SMALLEST = 9.9e125, 1e-130
"""Between these, and zero, is what DynamoDB keeps as a number."""
FIRST_WAIT: Final = 5
LONGEST_WAIT: Final = 900
"""Seconds: what SQS delays a new message at most."""


class Model(Protocol):
    """Predicts."""

    endpoint: str

    def predict(self, rows: Sequence[Sequence[float]]) -> Sequence[float]:
        """One number a row, in order; NaN where the answer for a row is no number. Raises UnavailableError."""


class Store(Protocol):
    """Keeps results, one an id, and remembers which ids are worked on and which are done."""

    def claim(self, ids: Sequence[str]) -> Claim:
        """Take ids on, for as long as a batch may last. Raises UnavailableError, and then none is taken."""

    def keep(self, results: Sequence[Result]) -> None:
        """Keep results, all or none, and mark their ids as done. An id that has a result keeps the one it has.

        Raises UnavailableError, and then none is kept.
        """

    def let_go(self, ids: Sequence[str]) -> None:
        """Release ids that were taken on, so that the next delivery can take them on. Never raises."""


@dataclass(slots=True)
class Batch:
    """The items of a batch by id, the deliveries that brought each one, and what failed and was done before so far."""

    items: dict[str, Item] = field(default_factory=dict)
    deliveries: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    failures: list[Failure] = field(default_factory=list)
    duplicates: int = 0

    def fail(self, id_: str, reason: str) -> None:
        """Give every delivery of an item back to the queue."""
        self.failures.extend(Failure(message, reason) for message in self.deliveries[id_])

    def fail_all(self, ids: Iterable[str], reason: str) -> None:
        """Give these back for one reason."""
        for id_ in ids:
            self.fail(id_, reason)

    def attempts(self, id_: str) -> int:
        """How often an item's work was put back before."""
        return max(message.attempt for message in self.deliveries[id_])


def read(messages: Iterable[Message]) -> Batch:
    """Sort a batch into items to work on and messages that fail. Of an item that came twice, the first counts."""
    batch = Batch()
    for message in messages:
        try:
            item = parse(message.body)
        except InvalidMessageError as error:
            batch.failures.append(Failure(message, str(error), hopeless=True))
            continue
        batch.items.setdefault(item.id, item)
        batch.deliveries[item.id].append(message)
    return batch


def take_on(batch: Batch, store: Store) -> list[Item]:
    """The items that are neither done nor worked on elsewhere, claimed. What is done needs nothing more."""
    if not batch.items:
        return []
    try:
        claimed = store.claim(list(batch.items))
    except UnavailableError as error:
        batch.fail_all(batch.items, str(error))
        return []
    batch.fail_all(claimed.busy, "the item is being worked on by somebody else")
    batch.duplicates = len(batch.items) - len(claimed.mine) - len(claimed.busy)
    return [batch.items[id_] for id_ in claimed.mine]


def work(batch: Batch, model: Model, store: Store, now: str) -> int:
    """Predict all items of a batch at once and keep what comes of it. How many results were kept."""
    items = take_on(batch, store)
    results, failed = decide(items, model, now)
    if results:
        try:
            store.keep(results)
        except UnavailableError as error:
            failed |= dict.fromkeys((result.id for result in results), str(error))
            results = []
    for id_, reason in failed.items():
        batch.fail(id_, reason)
    if failed:
        store.let_go(list(failed))
    return len(results)


def decide(items: Sequence[Item], model: Model, now: str) -> tuple[list[Result], dict[str, str]]:
    """Ask the model about all items at once: results, and for each item without a usable one the reason."""
    if not items:
        return [], {}
    try:
        predictions = model.predict([item.features for item in items])
    except UnavailableError as error:
        return [], dict.fromkeys((item.id for item in items), str(error))
    return match([item.id for item in items], predictions, model.endpoint, now)


def match(
    ids: Sequence[str], predictions: Sequence[float], endpoint: str, now: str
) -> tuple[list[Result], dict[str, str]]:
    """Give each id its prediction: results, and for each id without a usable one the reason."""
    if len(predictions) != len(ids):  # which prediction belongs to which item cannot be told
        return [], dict.fromkeys(ids, f"the model made {len(predictions)} predictions for {len(ids)} items")
    results, failed = [], {}
    for id_, prediction in zip(ids, predictions, strict=True):
        if not math.isfinite(prediction):
            failed[id_] = "the prediction is not a finite number"
        elif prediction and not SMALLEST <= abs(prediction) <= LARGEST:
            failed[id_] = f"the prediction {prediction} is more than the store can keep"
        else:
            results.append(Result(id_, prediction, endpoint, now))
    return results, failed


def wait(failure: Failure) -> int:
    """Seconds until a failed message should be delivered again: at once where no wait can mend it, else ever longer.

    Spread out by up to a half, so that what failed together does not come back together.
    """
    if failure.hopeless:
        return 0
    return backoff(failure.message.receives, failure.message.receipt)


def backoff(times: int, spread_by: str) -> int:
    """Seconds to wait after so many failures: 5, 10, 20... and up to a half more, 900 at most."""
    base = min(LONGEST_WAIT, FIRST_WAIT << min(times - 1, 10))
    return min(LONGEST_WAIT, base + base * (crc32(spread_by.encode()) % 64) // 128)
