"""What the worker of the reference stack does in a second, and how long a new one takes to be ready."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.cold import LEAST, WORKER, Starts
from benchmarks.measure import title, verdict
from benchmarks.throughput import AT_ONCE, LATENCY_MS, ONE_BY_ONE, Workers, compared, times_faster, times_shorter
from localcloud.engine import find_or_make
from tests.e2e.cloud import Cloud, Copy

if TYPE_CHECKING:
    from collections.abc import Sequence

PARALLEL: Final = (1, 2, 4)


def measure(*, quick: bool, rounds: int) -> None:
    """Deploy the stack to a local AWS of its own; print the rates, the cold starts and both ratios."""
    title(f"the worker on the local AWS, a model that takes {LATENCY_MS:.0f} ms")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cloud = Cloud(folder / "local", find_or_make(quiet=True).path)
        cloud.start()
        try:
            (folder / "project").mkdir()
            copy = Copy(cloud, folder / "project")
            copy.up(endpointShape="instance")
            _throughput(cloud, copy.outputs(), rounds, 5 if quick else 20)
            _cold_starts(cloud, copy.outputs(), folder / "code", 5 if quick else 10 * rounds)
            copy.destroy()
        finally:
            cloud.stop()


def _throughput(cloud: Cloud, outputs: dict[str, str], rounds: int, batches: int) -> None:
    workers = Workers(cloud, outputs)
    for parallel in PARALLEL:
        measured = compared(workers, rounds, batches, parallel)
        for side, rates in measured.items():
            print(f"  {parallel} at a time, {side}: {_median([rate.items for rate in rates]):.0f} items/s")
        if parallel == 1:
            best = {side: min(rate.batch for rate in rates) * 1_000 for side, rates in measured.items()}
            print(f"  a batch of ten at best: {best[AT_ONCE]:.0f} ms, {best[ONE_BY_ONE]:.0f} ms one by one")
            verdict("one by one against at once, a batch at best", 1 / times_shorter(measured), 1 / 5)
        print(f"  {parallel} at a time: {times_faster(measured):.1f} times faster at once")


def _cold_starts(cloud: Cloud, outputs: dict[str, str], folder: Path, rounds: int) -> None:
    folder.mkdir()
    starts = Starts(cloud, outputs, folder)
    costs = starts.measured(rounds)
    print(f"  cold starts, {rounds} each, with {starts.python}")
    for name, found in costs.items():
        walls, cpus = [cost.wall * 1_000 for cost in found], [cost.cpu * 1_000 for cost in found]
        print(
            f"  {name}: {_median(walls):.0f} ms, {min(walls):.0f} ms at best, {_median(cpus):.0f} ms of processor time"
        )
    verdict("a cold start, at best", min(costs[WORKER]).wall / min(costs[LEAST]).wall, 1.3)
    verdict(
        "a cold start, processor time",
        _median([cost.cpu for cost in costs[WORKER]]) / _median([cost.cpu for cost in costs[LEAST]]),
        1.3,
    )


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)
