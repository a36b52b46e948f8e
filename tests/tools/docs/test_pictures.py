"""The pictures of the reference stack: what is drawn is there, and what is not there is not drawn."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from policypack.model import EVENT_SOURCE_MAPPING, FUNCTION, QUEUE, ROLE_POLICY, TOPIC_SUBSCRIPTION, Resource, Stack
from tools.docs.flows import ROUTE, edges_of
from tools.docs.graph import DRAWN
from tools.docs.network import EGRESS, INGRESS
from tools.docs.picture import network_picture, picture
from tools.docs.stacks import CONFIGURATIONS, SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.docs.stacks import Deployed

Stacks = dict[str, "Deployed"]


def without(stack: Stack, lost: Callable[[Resource], bool]) -> Stack:
    """A stack less some of its resources."""
    return Stack([resource for resource in stack.resources if not lost(resource)])


def boxes(drawn: str) -> set[tuple[str, str]]:
    """Name and kind of every box."""
    return set(re.findall(r"<b>([\w.-]+)</b><br/>([\w ]+)", drawn))


def arrows(drawn: str) -> set[str]:
    """Every arrow, without its label."""
    return {re.sub(r'\|"[^"]*"\|', "", line).strip() for line in drawn.splitlines() if "->" in line}


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_box_is_a_resource_and_every_resource_worth_one_has_one(stacks: Stacks, configuration: str) -> None:
    """No picture of something that the program does not make."""
    stack = stacks[configuration].stack
    made = {(resource.name, called) for type_, called in DRAWN.items() for resource in stack.of_type(type_)}
    assert len(made) > 10
    assert boxes(picture(stack)) == made


@pytest.mark.parametrize("shape", SHAPES)
def test_frames_are_the_components_with_their_alarms(stacks: Stacks, shape: str) -> None:
    """The outermost ones; all alarms are counted, and none twice."""
    stack = stacks[shape].stack
    outer = {
        each.name for each in stack.resources if each.type.startswith("decoupled:") and each.parent not in stack.by_urn
    }
    titles = re.findall(r'subgraph \w+\["([\w-]+): \w+(?:, (\d+) alarms?)?"\]', picture(stack))
    assert {name for name, _ in titles} <= outer
    alarms = stack.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert sum(int(count or 0) for _, count in titles) == len(alarms)


def test_the_way_of_the_work(stacks: Stacks) -> None:
    """From the queue to the results, in every shape as it is there."""
    assert arrows(picture(stacks["instance"].stack)) == {
        "queue_work --> function_worker",
        "queue_work -.-> queue_work_dead_letters",
        "function_worker --> endpoint_model",
        "function_worker --> table_claims",
        "function_worker --> table_results",
        "endpoint_model --> model_model",
        "model_model --> bucket_model_captured",
        "bucket_models --> model_model",
        "budget_overview -.-> topic_alarms",
    }
    later = arrows(picture(stacks["async"].stack))
    assert {"topic_model_done --> queue_answers", "queue_answers --> function_collector"} <= later
    assert {"function_collector --> table_results", "function_collector --> queue_work"} <= later
    assert "function_worker --> table_results" not in later


@pytest.mark.parametrize(
    ("configuration", "type_", "arrow"),
    [
        ("instance", EVENT_SOURCE_MAPPING, "queue_work --> function_worker"),
        ("instance", ROLE_POLICY, "function_worker --> endpoint_model"),
        ("serverless", ROLE_POLICY, "function_worker --> table_results"),
        ("async", TOPIC_SUBSCRIPTION, "topic_model_done --> queue_answers"),
        ("events", "aws:cloudwatch/eventTarget:EventTarget", "eventbus_ingress --> queue_work"),
        ("events", "aws:cloudwatch/eventTarget:EventTarget", "eventbus_ingress -.-> queue_ingress_dead_letters"),
    ],
)
def test_a_way_that_the_program_loses_leaves_the_picture(
    stacks: Stacks, configuration: str, type_: str, arrow: str
) -> None:
    """Arrows come from the graph, not from what somebody thinks of it."""
    stack = stacks[configuration].stack
    assert arrow in arrows(picture(stack))
    assert arrow not in arrows(picture(without(stack, lambda resource: resource.type == type_)))


def test_an_api_loses_its_route(stacks: Stacks) -> None:
    """What is left of the arrow is what the role still grants."""
    stack = stacks["http"].stack
    labels = [
        edge.label for edge in edges_of(without(stack, lambda each: each.type == ROUTE)) if "api:Api" in edge.source
    ]
    assert labels == ["SendMessage"]
    assert "SendMessage, body of POST /items" in picture(stack)


def test_a_grant_that_is_taken_away_leaves_the_picture(stacks: Stacks) -> None:
    """One action of one policy."""
    changed = Stack([less_put_item(resource) for resource in stacks["instance"].stack.resources])
    assert arrows(picture(stacks["instance"].stack)) - arrows(picture(changed)) == {"function_worker --> table_results"}


def less_put_item(resource: Resource) -> Resource:
    """The worker's policy without the grant to store results; any other resource as it is."""
    if (resource.type, resource.name) != (ROLE_POLICY, "worker"):
        return resource
    document: dict[str, Any] = json.loads(resource.get("policy"))
    document["Statement"] = [each for each in document["Statement"] if each["Action"] != ["dynamodb:PutItem"]]
    return Resource(
        resource.urn,
        resource.type,
        resource.name,
        {**resource.value, "policy": json.dumps(document)},
        parent=resource.parent,
        property_dependencies=resource.property_dependencies,
    )


def test_the_network_is_open_where_both_sides_open_it(stacks: Stacks) -> None:
    """A rule out without a rule in leads nowhere."""
    stack = stacks["vpc"].stack
    ways = arrows(network_picture(stack))
    assert {
        "function_worker --> securitygroup_network_function",
        "securitygroup_network_function --> securitygroup_network_endpoints",
        "securitygroup_network_endpoints --> vpcendpoint_sqs",
        "securitygroup_network_function --> vpcendpoint_dynamodb",
    } <= ways
    assert "securitygroup_network_model --> vpcendpoint_dynamodb" not in ways
    closed = arrows(network_picture(without(stack, lambda each: each.type == INGRESS)))
    assert "securitygroup_network_function --> securitygroup_network_endpoints" in ways - closed
    shut = arrows(network_picture(without(stack, lambda each: each.type == EGRESS)))
    assert "securitygroup_network_function --> vpcendpoint_dynamodb" in ways - shut


def test_limits_are_in_the_boxes(stacks: Stacks) -> None:
    """Read off the resources."""
    drawn = picture(stacks["serverless"].stack)
    (function,) = stacks["serverless"].stack.of_type(FUNCTION)
    (work,) = (queue for queue in stacks["serverless"].stack.of_type(QUEUE) if queue.name == "work")
    assert f"concurrency {function.get('reservedConcurrentExecutions')}<br/>role worker" in drawn
    assert f"hidden {work.get('visibilityTimeoutSeconds')} s at work" in drawn
    assert "serverless, 2048 MB<br/>20 requests at a time" in drawn
    assert "2 to 4 instances ml.c5.large" in picture(stacks["instance"].stack)


def test_pictures_are_the_same_every_time(stacks: Stacks) -> None:
    """The engine registers in another order each time."""
    for configuration in SHAPES:
        stack = stacks[configuration].stack
        assert picture(Stack(reversed(stack.resources))) == picture(stack)
