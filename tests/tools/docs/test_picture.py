"""The pictures of the reference stack contain exactly its resources and integrations."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from policypack.architecture.integrations import integrations_of
from policypack.architecture.stages import STAGE_TYPES
from policypack.model import (
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    HTTP_API_ROUTE,
    QUEUE,
    ROLE_POLICY,
    SECURITY_GROUP_EGRESS_RULE,
    SECURITY_GROUP_INGRESS_RULE,
    TOPIC_SUBSCRIPTION,
    Resource,
    Stack,
)
from tools.docs.configurations import CONFIGURATIONS, SHAPES
from tools.docs.picture import network_picture, picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.docs.configurations import Preview


Previews = dict[str, "Preview"]


def without(stack: Stack, is_removed: Callable[[Resource], bool]) -> Stack:
    """A stack without some of its resources."""
    return Stack([resource for resource in stack.resources if not is_removed(resource)])


def boxes_in(drawn: str) -> set[tuple[str, str]]:
    """Name and type of every box."""
    return set(re.findall(r"<b>([\w.-]+)</b><br/>([\w ]+)", drawn))


def arrows_in(drawn: str) -> set[str]:
    """Every arrow, without its label."""
    return {re.sub(r'\|"[^"]*"\|', "", line).strip() for line in drawn.splitlines() if "->" in line}


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_stage_has_a_box(previews: Previews, configuration: str) -> None:
    """And no picture has a box for anything else."""
    stack = previews[configuration].stack
    generated = {(resource.name, called) for type_, called in STAGE_TYPES.items() for resource in stack.of_type(type_)}
    assert len(generated) > 10
    assert boxes_in(picture(stack)) == generated


@pytest.mark.parametrize("shape", SHAPES)
def test_every_component_has_a_frame_with_its_alarms(previews: Previews, shape: str) -> None:
    """The outermost components; every alarm is counted once."""
    stack = previews[shape].stack
    outer = {
        each.name for each in stack.resources if each.type.startswith("decoupled:") and each.parent not in stack.by_urn
    }
    titles = re.findall(r'subgraph \w+\["([\w-]+): \w+(?:, (\d+) alarms?)?"\]', picture(stack))
    assert {name for name, _ in titles} <= outer
    alarms = stack.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert sum(int(count or 0) for _, count in titles) == len(alarms)


def test_the_arrows_of_the_default_shape(previews: Previews) -> None:
    """From the queue to the results; and the differences in the asynchronous shape."""
    assert arrows_in(picture(previews["instance"].stack)) == {
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
    later = arrows_in(picture(previews["async"].stack))
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
def test_a_removed_resource_removes_its_arrow(previews: Previews, configuration: str, type_: str, arrow: str) -> None:
    """Arrows are derived from the stack's resources."""
    stack = previews[configuration].stack
    assert arrow in arrows_in(picture(stack))
    assert arrow not in arrows_in(picture(without(stack, lambda resource: resource.type == type_)))


def test_a_removed_route_leaves_the_grant(previews: Previews) -> None:
    """The remaining arrow is what the role still allows."""
    stack = previews["http"].stack
    labels = [
        edge.label
        for edge in integrations_of(without(stack, lambda each: each.type == HTTP_API_ROUTE))
        if "api:Api" in edge.source
    ]
    assert labels == ["SendMessage"]
    assert "SendMessage, body of POST /items" in picture(stack)


def test_a_removed_grant_removes_its_arrow(previews: Previews) -> None:
    """One action of one policy."""
    changed = Stack([without_put_item(resource) for resource in previews["instance"].stack.resources])
    assert arrows_in(picture(previews["instance"].stack)) - arrows_in(picture(changed)) == {
        "function_worker --> table_results"
    }


def without_put_item(resource: Resource) -> Resource:
    """The worker's policy without the grant to store results; other resources unchanged."""
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


def test_traffic_needs_an_egress_rule_and_an_ingress_rule(previews: Previews) -> None:
    """One of them alone allows no traffic."""
    stack = previews["vpc"].stack
    ways = arrows_in(network_picture(stack))
    assert {
        "function_worker --> securitygroup_network_function",
        "securitygroup_network_function --> securitygroup_network_endpoints",
        "securitygroup_network_endpoints --> vpcendpoint_sqs",
        "securitygroup_network_function --> vpcendpoint_dynamodb",
    } <= ways
    assert "securitygroup_network_model --> vpcendpoint_dynamodb" not in ways
    closed = arrows_in(network_picture(without(stack, lambda each: each.type == SECURITY_GROUP_INGRESS_RULE)))
    assert "securitygroup_network_function --> securitygroup_network_endpoints" in ways - closed
    shut = arrows_in(network_picture(without(stack, lambda each: each.type == SECURITY_GROUP_EGRESS_RULE)))
    assert "securitygroup_network_function --> vpcendpoint_dynamodb" in ways - shut


def test_boxes_contain_limits(previews: Previews) -> None:
    """Read from the resources."""
    drawn = picture(previews["serverless"].stack)
    (function,) = previews["serverless"].stack.of_type(FUNCTION)
    (work,) = (queue for queue in previews["serverless"].stack.of_type(QUEUE) if queue.name == "work")
    assert f"reserved concurrency {function.get('reservedConcurrentExecutions')}<br/>role worker" in drawn
    assert f"visibility timeout {work.get('visibilityTimeoutSeconds')} s" in drawn
    assert "serverless, 2048 MB<br/>maximum concurrency 20" in drawn
    assert "2 to 4 instances ml.c5.large" in picture(previews["instance"].stack)


def test_pictures_do_not_depend_on_the_order_of_registration(previews: Previews) -> None:
    """The engine registers resources in any order."""
    for configuration in SHAPES:
        stack = previews[configuration].stack
        assert picture(Stack(reversed(stack.resources))) == picture(stack)
