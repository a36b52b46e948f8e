"""AWS has bad moments while items flow: nothing is lost, nothing is stored twice.

Two local clouds go through theirs at the same time, as most of it is waiting: one with the default shape of endpoint,
one with an endpoint that answers later. The items of one moment are still on their way in the next; what became
of them is looked at when all is quiet again.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.cloud import Cloud, Copy
from tests.e2e.fault_injection import FaultRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PHASES: Final = ("twice", "killed", "fails", "throttles", "stores", "deployed", "late")
MODEL: Final = {"service": "sagemaker", "action": "InvokeEndpoint"}
STORES: Final = {"service": "dynamodb", "action": "TransactWriteItems"}
BATCHES: Final = {"service": "sagemaker", "action": "InvokeEndpointAsync"}
CANCELLED: Final = {
    "code": "TransactionCanceledException",
    "details": {"CancellationReasons": [{"Code": "None"}, {"Code": "ThrottlingError"}]},
}
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""


def instance(copy: Copy) -> FaultRun:
    """Every fault, with the default shape of endpoint, during 500 items each."""
    run = FaultRun.deploy(copy, 500, endpointShape="instance")
    run.deliver_twice("twice")
    run.kill_functions("killed", MODEL | {"latency_ms": 1_000}, "worker")
    run.inject_faults(
        "fails",
        MODEL | {"status": 500, "for_s": 5},
        MODEL | {"status": 500, "times": 20},  # and for longer, where this machine has done little by then
        MODEL | {"status": 424, "code": "ModelError", "times": 20},
    )
    run.inject_faults("throttles", MODEL | {"status": 429, "times": 60})
    run.inject_faults(
        "stores",
        STORES | {"status": 400, "code": "ProvisionedThroughputExceededException", "times": 30},
        STORES | {"status": 400, "code": "ThrottlingException", "times": 30},
        STORES | {"status": 400, "times": 30} | CANCELLED,
    )
    run.deploy_new_code("deployed")
    run.inject_faults("late", MODEL | {"latency_ms": 7_000, "times": 15})
    run.wait_and_read_log()
    return run


def asynchronous(copy: Copy) -> FaultRun:
    """Those that an endpoint that answers later meets in a way of its own, during 200 items each."""
    run = FaultRun.deploy(copy, 200, endpointShape="async")
    run.deliver_twice("twice")
    run.kill_functions("killed", STORES | {"latency_ms": 1_000}, "worker", "collector")
    run.inject_all(
        "storm",
        BATCHES | {"latency_ms": 1_000},
        BATCHES | {"status": 429, "times": 10},
        MODEL | {"status": 500, "times": 5},
        STORES | {"status": 400, "code": "ThrottlingException", "times": 10},
        STORES | {"status": 400, "times": 10} | CANCELLED,
    )
    run.inject_faults("fails", MODEL | {"status": 500, "times": 20}, BATCHES | {"status": 429, "times": 20})
    run.wait_and_read_log()
    return run


@pytest.fixture(scope="module")
def runs(copy: Copy, engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, FaultRun]]:
    """All bad moments, gone through: by shape."""
    second = Cloud(tmp_path_factory.mktemp("second"), engine)
    second.start()
    try:
        with ThreadPoolExecutor(2) as both:
            first = both.submit(instance, copy)
            other = both.submit(asynchronous, Copy(second, tmp_path_factory.mktemp("second-project")))
        yield {"instance": first.result(), "async": other.result()}
    finally:
        second.run("down")
        second.stop()


@pytest.mark.parametrize(
    ("shape", "phase"),
    [
        *(("instance", phase) for phase in PHASES),
        *(("async", phase) for phase in ("twice", "killed", "storm", "fails")),
    ],
)
def test_nothing_is_lost_and_nothing_is_stored_twice(runs: dict[str, FaultRun], shape: str, phase: str) -> None:
    """Each item has the model's answer to it, written once, and is known to be done."""
    assert runs[shape].tracker.problems(runs[shape].waves[phase]) == []


@pytest.mark.parametrize("shape", ["instance", "async"])
def test_nothing_is_left_over(runs: dict[str, FaultRun], shape: str) -> None:
    """No good item was set aside, and nothing is on its way any more."""
    tracker = runs[shape].tracker
    assert (tracker.waiting(), tracker.dead_letters()) == (0, [])


REASONS: Final = {
    "instance": [
        "the model answers InternalFailure",
        "the model answers ModelError",
        "the model answers ThrottlingException",
        "the stores answer ProvisionedThroughputExceededException",
        "the stores answer ThrottlingException",
        "the stores answer ThrottlingError",
        "the model does not answer: Read timeout",
    ],
    "async": ["Received server error (500)", "the model does not take the batch: ThrottlingException"],
}


@pytest.mark.parametrize(("shape", "reason"), [(shape, reason) for shape in REASONS for reason in REASONS[shape]])
def test_the_fault_hit_items(runs: dict[str, FaultRun], shape: str, reason: str) -> None:
    """Some were put back for this reason."""
    assert [found for found in runs[shape].reasons() if found.startswith(reason)]


@pytest.mark.parametrize(("shape", "function"), [("instance", "worker"), ("async", "worker"), ("async", "collector")])
def test_functions_were_killed_in_the_middle(runs: dict[str, FaultRun], shape: str, function: str) -> None:
    """Of a batch, which nobody gave back."""
    assert runs[shape].was_killed(function)


@pytest.mark.parametrize("shape", ["instance", "async"])
def test_each_message_was_delivered_twice(runs: dict[str, FaultRun], shape: str) -> None:
    """At least: to two invocations."""
    run = runs[shape]
    seen = Counter(id_ for line in run.batches("twice") for id_ in set(line["correlationIds"]))
    assert [id_ for id_ in run.waves["twice"].items if seen[id_] < 2] == []


def test_both_versions_of_the_worker_did_their_share(runs: dict[str, FaultRun]) -> None:
    """Of the items that were sent while the second was deployed."""
    stored = Counter(line.get("release", "first") for line in runs["instance"].batches("deployed") if line["Stored"])
    assert set(stored) == {"first", "second"}
