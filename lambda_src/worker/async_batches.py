"""A batch that was submitted to an asynchronous endpoint: two objects in a bucket.

`input/ID.csv` holds the rows that the model reads. `batches/ID.json`, the manifest, maps the rows to their items; it
exists until the batch is completed: until each item has its result or was sent to the queue again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from messages import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

INPUT: Final = "input/"
BATCHES: Final = "batches/"
OUTPUT: Final = "output/"


@dataclass(frozen=True, slots=True)
class SubmittedBatch:
    """A batch as it was submitted.

    attempts, correlations: for each item, how often it was tried before and its correlation id.
    """

    id: str
    endpoint: str
    items: tuple[Item, ...]
    attempts: tuple[int, ...]
    correlations: tuple[str, ...]

    @property
    def input_key(self) -> str:
        """The object key of its rows."""
        return f"{INPUT}{self.id}.csv"

    def manifest(self) -> bytes:
        """The manifest as JSON."""
        kept = {
            "endpoint": self.endpoint,
            "items": [{"id": item.id, "features": item.features} for item in self.items],
            "attempts": self.attempts,
            "correlations": self.correlations,
        }
        return json.dumps(kept).encode()

    @staticmethod
    def of(id_: str, manifest: bytes) -> SubmittedBatch:
        """Parse a manifest."""
        kept = json.loads(manifest)
        items = tuple(Item(item["id"], tuple(item["features"])) for item in kept["items"])
        return SubmittedBatch(id_, kept["endpoint"], items, tuple(kept["attempts"]), tuple(kept["correlations"]))

    def pick(self, ids: Sequence[str]) -> list[tuple[Item, int, str]]:
        """The items with these ids, each with its number of attempts and its correlation id."""
        wanted = set(ids)
        return [
            (item, attempts, correlation)
            for item, attempts, correlation in zip(self.items, self.attempts, self.correlations, strict=True)
            if item.id in wanted
        ]


def manifest_key(id_: str) -> str:
    """The object key of a batch's manifest."""
    return f"{BATCHES}{id_}.json"


def batch_id(key: str) -> str:
    """The batch id in the object key of a manifest."""
    return key.removeprefix(BATCHES).removesuffix(".json")
