"""AWS has bad moments while items flow: nothing is lost, nothing is stored twice.

Two local clouds go through theirs at the same time, as most of it is waiting: one with the default shape of endpoint,
one with an endpoint that answers later. The items of one moment are still on their way in the next; what became
of them is looked at when all is quiet again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.cloud import Cloud, Copy
from tests.e2e.fault_injection import FaultRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL: Final = {"service": "sagemaker", "action": "InvokeEndpoint"}
STORES: Final = {"service": "dynamodb", "action": "TransactWriteItems"}
BATCHES: Final = {"service": "sagemaker", "action": "InvokeEndpointAsync"}
CANCELLED: Final = {
    "code": "TransactionCanceledException",
    "details": {"CancellationReasons": [{"Code": "None"}, {"Code": "ThrottlingError"}]},
}
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""


def instance(run: FaultRun, phase: str) -> None:
    """Go through a phase with the default shape of endpoint. The faults are as many as the items make sensible."""

    def times(of_500: int) -> int:
        return of_500 * run.items // 500

    match phase:
        case "twice":
            run.deliver_twice(phase)
        case "killed":
            run.kill_functions(phase, MODEL | {"latency_ms": 1_000}, "worker")
        case "fails":
            run.inject_faults(
                phase,
                MODEL | {"status": 500, "for_s": 5},
                MODEL | {"status": 500, "times": times(20)},  # and for longer, where this machine has done little yet
                MODEL | {"status": 424, "code": "ModelError", "times": times(20)},
            )
        case "throttles":
            run.inject_faults(phase, MODEL | {"status": 429, "times": times(60)})
        case "stores":
            run.inject_faults(
                phase,
                STORES | {"status": 400, "code": "ProvisionedThroughputExceededException", "times": times(30)},
                STORES | {"status": 400, "code": "ThrottlingException", "times": times(30)},
                STORES | {"status": 400, "times": times(30)} | CANCELLED,
            )
        case "deployed":
            run.deploy_new_code(phase)
        case "late":
            run.inject_faults(phase, MODEL | {"latency_ms": 7_000, "times": 15})  # more than are asked again at once


def asynchronous(run: FaultRun, phase: str) -> None:
    """Go through a phase that an endpoint that answers later meets in a way of its own."""
    match phase:
        case "twice":
            run.deliver_twice(phase)
        case "killed":
            run.kill_functions(phase, STORES | {"latency_ms": 1_000}, "worker", "collector")
        case "storm":
            run.inject_all(
                phase,
                BATCHES | {"latency_ms": 1_000},
                BATCHES | {"status": 429, "times": 10},
                MODEL | {"status": 500, "times": 5},
                STORES | {"status": 400, "code": "ThrottlingException", "times": 10},
                STORES | {"status": 400, "times": 10} | CANCELLED,
            )
        case "fails":
            run.inject_faults(phase, MODEL | {"status": 500, "times": 20}, BATCHES | {"status": 429, "times": 20})


@dataclass(frozen=True)
class Plan:
    """What a stack of one shape goes through. items: in each phase. killed: functions. reasons: why items came back."""

    items: int
    phases: tuple[str, ...]
    killed: tuple[str, ...]
    reasons: tuple[str, ...]


PHASE: Final = {"instance": instance, "async": asynchronous}
BOTH: Final = ("worker", "collector")
INSTANCE_REASONS: Final = (
    "the model answers InternalFailure",
    "the model answers ModelError",
    "the model answers ThrottlingException",
    "the stores answer ProvisionedThroughputExceededException",
    "the stores answer ThrottlingException",
    "the stores answer ThrottlingError",
    "the model does not answer: Read timeout",
)
ASYNC_REASONS: Final = ("Received server error (500)", "the model does not take the batch: ThrottlingException")
SMALL, FULL = "small", "full"
PLANS: Final = {
    SMALL: {
        "instance": Plan(
            150, ("twice", "killed", "fails", "throttles", "stores", "late"), ("worker",), INSTANCE_REASONS
        ),
        "async": Plan(200, ("killed", "fails"), BOTH, ASYNC_REASONS),
    },
    FULL: {
        "instance": Plan(
            500, ("twice", "killed", "fails", "throttles", "stores", "deployed", "late"), ("worker",), INSTANCE_REASONS
        ),
        "async": Plan(200, ("twice", "killed", "storm", "fails"), BOTH, ASYNC_REASONS),
    },
}
Runs = Callable[[str, str], FaultRun]


@pytest.fixture(scope="module")
def runs(engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Give the run of a scale and a shape. Both shapes of a scale are run when the first of them is asked for."""
    with ExitStack() as clouds:

        def copy() -> Copy:
            cloud = Cloud(tmp_path_factory.mktemp("local"), engine)
            cloud.start()
            clouds.callback(cloud.stop)
            return Copy(cloud, tmp_path_factory.mktemp("project"))

        @cache
        def run(scale: str) -> dict[str, FaultRun]:
            with ThreadPoolExecutor(2) as both:
                started = {shape: both.submit(_run, copy(), shape, plan) for shape, plan in PLANS[scale].items()}
            return {shape: each.result() for shape, each in started.items()}

        yield lambda scale, shape: run(scale)[shape]


def _run(copy: Copy, shape: str, plan: Plan) -> FaultRun:
    """Go through all phases of a plan."""
    run = FaultRun.deploy(copy, plan.items, endpointShape=shape)
    for phase in plan.phases:
        PHASE[shape](run, phase)
    run.wait_and_read_log()
    return run


def each(of: Callable[[Plan], tuple[str, ...]] | None = None) -> list[Any]:
    """The parameters of a test: scale and shape, and, if given, each of these of its plan. The full scale is long."""
    return [
        pytest.param(scale, shape, *one, marks=pytest.mark.long if scale == FULL else ())
        for scale, plans in PLANS.items()
        for shape, plan in plans.items()
        for one in ([(value,) for value in of(plan)] if of else [()])
    ]


@pytest.mark.parametrize(("scale", "shape", "phase"), each(lambda plan: plan.phases))
def test_nothing_is_lost_and_nothing_is_stored_twice(runs: Runs, scale: str, shape: str, phase: str) -> None:
    """Each item has the model's answer to it, written once, and is known to be done."""
    run = runs(scale, shape)
    assert run.tracker.problems(run.waves[phase]) == []


@pytest.mark.parametrize(("scale", "shape"), each())
def test_nothing_is_left_over(runs: Runs, scale: str, shape: str) -> None:
    """No good item was set aside, and nothing is on its way any more."""
    tracker = runs(scale, shape).tracker
    assert (tracker.waiting(), tracker.dead_letters()) == (0, [])


@pytest.mark.parametrize(("scale", "shape", "reason"), each(lambda plan: plan.reasons))
def test_the_fault_hit_items(runs: Runs, scale: str, shape: str, reason: str) -> None:
    """Some were put back for this reason."""
    assert [found for found in runs(scale, shape).reasons() if found.startswith(reason)]


@pytest.mark.parametrize(("scale", "shape", "function"), each(lambda plan: plan.killed))
def test_functions_were_killed_in_the_middle(runs: Runs, scale: str, shape: str, function: str) -> None:
    """Of a batch, which nobody gave back."""
    assert runs(scale, shape).was_killed(function)


@pytest.mark.parametrize(
    ("scale", "shape"),
    [(SMALL, "instance"), *(pytest.param(FULL, shape, marks=pytest.mark.long) for shape in PLANS[FULL])],
)
def test_each_message_was_delivered_twice(runs: Runs, scale: str, shape: str) -> None:
    """At least: to two invocations."""
    run = runs(scale, shape)
    seen = Counter(id_ for line in run.batches("twice") for id_ in set(line["correlationIds"]))
    assert [id_ for id_ in run.waves["twice"].items if seen[id_] < 2] == []


@pytest.mark.long
def test_both_versions_of_the_worker_did_their_share(runs: Runs) -> None:
    """Of the items that were sent while the second was deployed."""
    batches = runs(FULL, "instance").batches("deployed")
    stored = Counter(line.get("release", "first") for line in batches if line["Stored"])
    assert set(stored) == {"first", "second"}
