"""The stages of a stack, their components, and the order in which work passes through them."""

from __future__ import annotations

from itertools import permutations

import pulumi
import pulumi_aws as aws

from policypack.architecture.integrations import Integration, integrations_of
from policypack.architecture.stages import component_of, processing_order, stages_of
from policypack.model import BUCKET, FUNCTION, QUEUE, TABLE, Resource
from policypack.testing import program
from tests.policypack.architecture.architectures import PREFIX, allow, event_bus, short, worker


def stage(type_: str, name: str) -> Resource:
    """A stage without properties."""
    return Resource(f"urn:pulumi:dev::app::{type_}::{name}", type_, name, {})


JOBS, REPLIES = stage(QUEUE, "jobs"), stage(QUEUE, "replies")
WORKER, RESULTS, UNUSED = stage(FUNCTION, "worker"), stage(TABLE, "results"), stage(BUCKET, "unused")


def integration(source: Resource, target: Resource, *, on_failure: bool = False) -> Integration:
    """An integration between two stages."""
    return Integration(source.urn, target.urn, "", on_failure)


def order(*integrations: Integration) -> list[str]:
    """The names of all stages in their order; the same for every order of the arguments."""
    stages = (JOBS, REPLIES, WORKER, RESULTS, UNUSED)
    orders = {
        tuple(sorted(stages, key=lambda each: positions[each.urn]))
        for arranged in permutations(stages)
        for positions in [processing_order(arranged, reversed(integrations))]
    }
    (found,) = orders
    return [each.name for each in found]


def test_work_passes_from_the_queue_through_the_function_to_the_table() -> None:
    """Then come the stages that no work reaches."""
    found = order(integration(JOBS, WORKER), integration(WORKER, RESULTS), integration(RESULTS, REPLIES))
    assert found == ["jobs", "worker", "results", "replies", "unused"]


def test_a_queue_to_which_only_a_function_sends_is_an_entry() -> None:
    """The work in it did not come from another stage's queue: entries are listed by name."""
    found = order(integration(REPLIES, WORKER), integration(WORKER, JOBS))
    assert found[:3] == ["jobs", "replies", "worker"]


def test_integrations_on_failure_are_not_followed() -> None:
    """A dead-letter queue is an entry: a redrive starts there."""
    assert order(integration(WORKER, RESULTS), integration(JOBS, REPLIES, on_failure=True))[:2] == ["jobs", "replies"]


def test_a_cycle_ends() -> None:
    """A function that sends to its own queue."""
    assert order(integration(JOBS, WORKER), integration(WORKER, JOBS))[0] == "jobs"


def test_stages_are_the_resources_that_work_passes_through() -> None:
    """Neither roles and policies nor mappings."""
    stack = worker(allow("dynamodb:PutItem", f"arn:aws:dynamodb:{PREFIX}:table/results"))
    assert {short(each.urn) for each in stages_of(stack)} == {
        "Queue jobs",
        "Queue failed",
        "Function worker",
        "Table results",
        "Bucket files",
    }


def test_a_bus_comes_before_its_queue() -> None:
    """The queue is no entry, as the bus sends to it."""
    stack = event_bus()
    positions = processing_order(stages_of(stack), integrations_of(stack))
    assert [short(urn) for urn in sorted(positions, key=positions.__getitem__)] == [
        "EventBus orders",
        "Queue failed",
        "Queue jobs",
    ]


def test_the_component_of_a_resource_is_the_outermost_one() -> None:
    """A resource without a parent component is its own."""

    def build() -> None:
        outer = pulumi.ComponentResource("test:index:Outer", "outer")
        inner = pulumi.ComponentResource("test:index:Inner", "inner", opts=pulumi.ResourceOptions(parent=outer))
        aws.sqs.Queue("inside", opts=pulumi.ResourceOptions(parent=inner))
        aws.sqs.Queue("alone")

    stack = program(build)
    components = {queue.name: component_of(stack, queue).name for queue in stack.of_type(QUEUE)}
    assert components == {"inside": "outer", "alone": "alone"}
