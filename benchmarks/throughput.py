"""The worker against itself with one thing changed: it asks the endpoint once a message instead of once a batch."""

from __future__ import annotations

import io
import itertools
import json
import statistics
import time
import zipfile
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.request import urlopen
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.cloud import Cloud

LATENCY_MS: Final = 50.0
BATCH: Final = 10
AT_ONCE, ONE_BY_ONE = "at once", "one by one"
SIDES: Final = (AT_ONCE, ONE_BY_ONE)
PATIENCE: Final = 120.0
_OWN: Final = "    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:\n"
_ROW_BY_ROW: Final = f"""{_OWN}        return [number for row in rows for number in self._at_once([row])]

{_OWN.replace(" predict", " _at_once")}"""


class Rate(NamedTuple):
    """Of one run: items a second, and seconds from one batch to the next at best (of one worker at a time)."""

    items: float
    batch: float


@dataclass
class Workers:
    """Two versions of a deployed worker: `live` is the one or the other, until `leave`."""

    cloud: Cloud
    outputs: dict[str, str]

    def __post_init__(self) -> None:
        self._queue, self._table = self.cloud.client("sqs"), self.cloud.client("dynamodb")
        self._function = self.cloud.client("lambda")
        self._warm: set[tuple[str, int]] = set()
        self._name = self.outputs["function_name"]

    @cached_property
    def versions(self) -> dict[str, str]:
        """The deployed version, and one that differs in `predict` and in nothing else."""
        deployed = self._function.get_alias(FunctionName=self._name, Name="live")["FunctionVersion"]
        place = self._function.get_function(FunctionName=self._name, Qualifier=deployed)["Code"]["Location"]
        with urlopen(place, timeout=30) as archive:  # noqa: S310 - of the local AWS
            code = archive.read()
        changed = _changed(code)
        made = self._function.update_function_code(FunctionName=self._name, ZipFile=changed, Publish=True)
        self._function.update_function_code(FunctionName=self._name, ZipFile=code)
        return {AT_ONCE: deployed, ONE_BY_ONE: made["Version"]}

    def run(self, side: str, batches: int, parallel: int = 1) -> Rate:
        """Work on so many full batches with one side, so many at a time."""
        self.cloud.control("settings", {"parallel_batches": parallel, "model_latency_ms": LATENCY_MS})
        version = self.versions[side]
        self._function.update_alias(FunctionName=self._name, Name="live", FunctionVersion=version)
        if (side, parallel) not in self._warm:
            self._work(2 * parallel)  # starts its processes
            self._warm.add((side, parallel))
        starts = sorted(self._work(batches + 1))
        seconds = starts[-1] - starts[0]
        return Rate(batches * BATCH / seconds, min(later - each for each, later in itertools.pairwise(starts)))

    def leave(self) -> None:
        """Leave the deployed version live, and the endpoint as quick as it is."""
        self._function.update_alias(FunctionName=self._name, Name="live", FunctionVersion=self.versions[AT_ONCE])
        self.cloud.control("settings", {"parallel_batches": 10, "model_latency_ms": 0})

    def _work(self, batches: int) -> list[float]:
        """Have so many full batches waiting before the first is taken; give when each was begun."""
        ids = [f"{uuid4().hex[:12]}-{at}" for at in range(batches * BATCH)]
        uuid = self.outputs["mapping_arn"].rpartition(":")[2]
        self._function.update_event_source_mapping(UUID=uuid, Enabled=False)
        for some in _tens(ids):
            entries = [
                {"Id": str(at), "MessageBody": json.dumps({"id": id_, "features": [0.1, 0.2, 0.3, 0.4]})}
                for at, id_ in enumerate(some)
            ]
            self._queue.send_message_batch(QueueUrl=self.outputs["queue_url"], Entries=entries)
        self._function.update_event_source_mapping(UUID=uuid, Enabled=True)
        return [datetime.fromisoformat(each).timestamp() for each in self._processed(ids)]

    def _processed(self, ids: list[str]) -> set[str]:
        """Wait for the results; give the times at which their batches were begun."""
        table, until = self.outputs["results_table"], time.monotonic() + PATIENCE
        begun: set[str] = set()
        for some in _tens(ids):
            keys = [{"id": {"S": id_}} for id_ in some]
            while True:
                found = self._table.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
                items: list[Any] = found["Responses"][table]
                if len(items) == len(some):
                    break
                if time.monotonic() > until:
                    raise RuntimeError(f"the worker has not stored {some[0]} in {PATIENCE:.0f} s")
                time.sleep(0.05)
            begun |= {item["processed_at"]["S"] for item in items}
        return begun


def compared(workers: Workers, rounds: int, batches: int, parallel: int = 1) -> dict[str, list[Rate]]:
    """Run both sides in turn, so many rounds, with an endpoint that takes LATENCY_MS to answer."""
    measured: dict[str, list[Rate]] = {side: [] for side in SIDES}
    try:
        for number in range(rounds):
            for side in SIDES if number % 2 == 0 else SIDES[::-1]:
                measured[side].append(workers.run(side, batches, parallel))
    finally:
        workers.leave()
    return measured


def times_faster(measured: dict[str, list[Rate]]) -> float:
    """By how much at once is faster than one by one, by the median rates."""
    fast, slow = (statistics.median(rate.items for rate in measured[side]) for side in SIDES)
    return fast / slow


def times_shorter(measured: dict[str, list[Rate]]) -> float:
    """By how much a batch takes less at once than one by one, at best: what a busy machine changes least."""
    fast, slow = (min(rate.batch for rate in measured[side]) for side in SIDES)
    return slow / fast


def _changed(archive: bytes) -> bytes:
    """The archive with another model.py, and without the byte code of the one it had."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name in given.namelist():
            text = given.read(name)
            if name == "model.py":
                source = text.decode()
                if source.count(_OWN) != 1:
                    raise RuntimeError("model.py has no `predict` to be changed")
                text = source.replace(_OWN, _ROW_BY_ROW).encode()
            if not name.startswith("__pycache__/model."):
                out.writestr(name, text)
    return made.getvalue()


def _tens(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
