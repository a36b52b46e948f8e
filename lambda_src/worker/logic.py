"""The processing of a batch of messages, without AWS, clock or environment: those are arguments."""

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
"""The range of magnitudes, besides zero, that DynamoDB can store as a number."""
FIRST_WAIT: Final = 5
LONGEST_WAIT: Final = 900
"""Seconds; 900 is the longest delay of an SQS message."""


class Model(Protocol):
    """A model behind an endpoint."""

    endpoint: str

    def predict(self, rows: Sequence[Sequence[float]]) -> Sequence[float]:
        """One prediction per row, in order; NaN for a value that is not a number. Raises UnavailableError."""


class Store(Protocol):
    """Stores one result per id, and tracks which ids are claimed and which are done."""

    def claim(self, ids: Sequence[str]) -> Claim:
        """Claim ids for as long as a batch may take. Raises UnavailableError, and then none is claimed."""

    def save(self, results: Sequence[Result]) -> None:
        """Store all results or none, and mark their ids as done. An existing result is not overwritten.

        Raises UnavailableError, and then none is stored.
        """

    def release_quietly(self, ids: Sequence[str]) -> None:
        """Release claimed ids, so that the next delivery can claim them. Never raises."""


@dataclass(slots=True)
class Batch:
    """The items of a batch by id, the deliveries of each, the failures so far, and the number of duplicates."""

    items: dict[str, Item] = field(default_factory=dict)
    deliveries: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    failures: list[Failure] = field(default_factory=list)
    duplicates: int = 0

    def fail(self, id_: str, reason: str) -> None:
        """Mark every delivery of an item as failed."""
        self.failures.extend(Failure(message, reason) for message in self.deliveries[id_])

    def fail_all(self, ids: Iterable[str], reason: str) -> None:
        """Mark these items as failed for one reason."""
        for id_ in ids:
            self.fail(id_, reason)

    def attempts(self, id_: str) -> int:
        """How often an item was requeued before."""
        return max(message.attempt for message in self.deliveries[id_])


def read_batch(messages: Iterable[Message]) -> Batch:
    """Parse the messages into items and permanent failures. Of an item that was delivered twice, the first counts."""
    batch = Batch()
    for message in messages:
        try:
            item = parse(message.body)
        except InvalidMessageError as error:
            batch.failures.append(Failure(message, str(error), permanent=True))
            continue
        batch.items.setdefault(item.id, item)
        batch.deliveries[item.id].append(message)
    return batch


def claim_items(batch: Batch, store: Store) -> list[Item]:
    """Claim the items and return those claimed. Items of other owners fail; finished items count as duplicates."""
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


def process_batch(batch: Batch, model: Model, store: Store, now: str) -> int:
    """Predict all items of a batch in one request and store the results; return the number stored."""
    items = claim_items(batch, store)
    results, failed = predict_items(items, model, now)
    if results:
        try:
            store.save(results)
        except UnavailableError as error:
            failed |= dict.fromkeys((result.id for result in results), str(error))
            results = []
    for id_, reason in failed.items():
        batch.fail(id_, reason)
    if failed:
        store.release_quietly(list(failed))
    return len(results)


def predict_items(items: Sequence[Item], model: Model, now: str) -> tuple[list[Result], dict[str, str]]:
    """Predict all items in one request. Return the results, and a reason for each item without one."""
    if not items:
        return [], {}
    try:
        predictions = model.predict([item.features for item in items])
    except UnavailableError as error:
        return [], dict.fromkeys((item.id for item in items), str(error))
    return match_predictions([item.id for item in items], predictions, model.endpoint, now)


def match_predictions(
    ids: Sequence[str], predictions: Sequence[float], endpoint: str, now: str
) -> tuple[list[Result], dict[str, str]]:
    """Pair ids with predictions. Return the results, and a reason for each id without a usable prediction."""
    if len(predictions) != len(ids):  # it is unknown which prediction belongs to which item
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


def retry_delay(failure: Failure) -> int:
    """Seconds until a failed message should be delivered again: 0 for a permanent failure, else with backoff.

    Jitter of up to a half spreads the retries of messages that failed together.
    """
    if failure.permanent:
        return 0
    return backoff(failure.message.receives, failure.message.message_id)


def backoff(times: int, spread_by: str) -> int:
    """Exponential backoff after `times` failures: 5, 10, 20... seconds and up to a half more as jitter, at most 900."""
    base = min(LONGEST_WAIT, FIRST_WAIT << min(times - 1, 10))
    return min(LONGEST_WAIT, base + base * (crc32(spread_by.encode()) % 64) // 128)
