"""A batch that was handed to an endpoint that answers later: two objects in a bucket.

`input/ID.csv` is what the model reads, and `batches/ID.json` says whose rows these are, until the batch is settled:
until each of its items has its result or is work again.
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
class Submitted:
    """A batch as it was handed in.

    attempts, correlations: of each item how often it was tried before, and the sender's id for it.
    """

    id: str
    endpoint: str
    items: tuple[Item, ...]
    attempts: tuple[int, ...]
    correlations: tuple[str, ...]

    @property
    def input_key(self) -> str:
        """Where its rows are."""
        return f"{INPUT}{self.id}.csv"

    def manifest(self) -> bytes:
        """What is kept of it beside its rows."""
        kept = {
            "endpoint": self.endpoint,
            "items": [{"id": item.id, "features": item.features} for item in self.items],
            "attempts": self.attempts,
            "correlations": self.correlations,
        }
        return json.dumps(kept).encode()

    @staticmethod
    def of(id_: str, manifest: bytes) -> Submitted:
        """Read what was kept of a batch."""
        kept = json.loads(manifest)
        items = tuple(Item(item["id"], tuple(item["features"])) for item in kept["items"])
        return Submitted(id_, kept["endpoint"], items, tuple(kept["attempts"]), tuple(kept["correlations"]))

    def pick(self, ids: Sequence[str]) -> list[tuple[Item, int, str]]:
        """The items with these ids, each with how often it was tried and the sender's id for it."""
        wanted = set(ids)
        return [
            (item, attempts, correlation)
            for item, attempts, correlation in zip(self.items, self.attempts, self.correlations, strict=True)
            if item.id in wanted
        ]


def manifest_key(id_: str) -> str:
    """Where a batch's manifest is."""
    return f"{BATCHES}{id_}.json"


def batch_of(key: str) -> str:
    """Whose manifest this is."""
    return key.removeprefix(BATCHES).removesuffix(".json")
