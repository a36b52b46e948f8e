"""The worker as it is deployed: the same bytes from everywhere; what a batch saves and how soon a new process answers.

Speed is judged by ratios, each of one run; what makes for the speed is looked at without a clock.
"""

from __future__ import annotations

import os
import statistics
from typing import TYPE_CHECKING, Final

import pytest

from benchmarks.cold import LEAST, WORKER, Starts
from benchmarks.throughput import Workers, compared, times_shorter
from localcloud.interpreters import interpreter
from tests.e2e.cloud import Copy
from tests.e2e.deployment import Deployment, ItemSender
from tests.e2e.flow import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.measure import Cost
    from tests.e2e.cloud import Cloud

BATCHES: Final = 6
STARTS: Final = 8
MOST_TRIES: Final = 5
"""How often so many cold starts more are made, on a machine that has other things to do."""


@pytest.fixture(scope="module")
def outputs(copy: Copy) -> dict[str, str]:
    """A stack whose endpoint answers at once."""
    copy.up(pack=False, endpointShape="instance")
    return copy.outputs()


def test_another_checkout_at_another_time_deploys_the_same_bytes(
    cloud: Cloud, outputs: dict[str, str], tmp_path: Path
) -> None:
    """The engine sees no change: in neither the archive's hash nor anything else; there is no second version."""
    functions = cloud.client("lambda")
    other = Copy(cloud, tmp_path)
    for path in other.folder.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    output = other.up(pack=False, endpointShape="instance")
    assert not any(word in output for word in ("created", "updated", "replaced", "deleted")), output
    versions = functions.list_versions_by_function(FunctionName=outputs["function_name"])["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1"]
    assert len({each["CodeSha256"] for each in versions}) == 1


def test_a_batch_is_one_request_to_the_endpoint(cloud: Cloud, copy: Copy, outputs: dict[str, str]) -> None:
    """Ten messages that wait together are one batch; the local AWS counts the requests that a fault slows down."""
    items = ItemSender(copy)
    items.deployment = Deployment((), {}, outputs)
    items.poll(on=False)
    sent = items.send("together", 10)
    cloud.control("faults", {"service": "sagemaker", "action": "InvokeEndpoint", "latency_ms": 1})
    items.poll(on=True)
    eventually(lambda: len(items.results(sent)) == len(sent), "every item has its result")
    assert [fault["hits"] for fault in cloud.control("faults")] == [1]
    cloud.control("faults", method="DELETE")


@pytest.mark.long
def test_a_batch_asked_at_once_is_five_times_faster_than_message_by_message(
    cloud: Cloud, outputs: dict[str, str]
) -> None:
    """The same worker, but for `predict`; a model that takes 50 ms; ten messages; at best."""
    measured = compared(Workers(cloud, outputs), rounds=2, batches=BATCHES)
    assert times_shorter(measured) >= 5, measured


def test_a_new_process_answers_with_the_byte_code_that_is_deployed(
    cloud: Cloud, outputs: dict[str, str], tmp_path: Path
) -> None:
    """Its first answer is right, and nothing has to be compiled for it."""
    starts = Starts(cloud, outputs, tmp_path)
    starts.answered(WORKER)  # raises where the answer is wrong
    if interpreter("python3.13"):
        assert starts.written == set(), "what is deployed brings its byte code"


@pytest.mark.long
def test_a_new_process_answers_nearly_as_soon_as_one_that_only_makes_its_clients(
    cloud: Cloud, outputs: dict[str, str], tmp_path: Path
) -> None:
    """From its start to the answer, at best; and by the processor time that it takes, which a busy machine adds to."""
    starts = Starts(cloud, outputs, tmp_path)
    costs: dict[str, list[Cost]] = {WORKER: [], LEAST: []}
    for _ in range(MOST_TRIES):
        for name, more in starts.measured(STARTS).items():
            costs[name] += more
        best = {name: min(cost.wall for cost in found) for name, found in costs.items()}
        spent = {name: statistics.median(cost.cpu for cost in found) for name, found in costs.items()}
        if best[WORKER] <= 1.3 * best[LEAST] and spent[WORKER] <= 1.3 * spent[LEAST]:
            break
    assert best[WORKER] <= 1.3 * best[LEAST], costs
    assert spent[WORKER] <= 1.3 * spent[LEAST], costs
    if interpreter("python3.13"):
        assert starts.written == set(), "what is deployed brings its byte code"
