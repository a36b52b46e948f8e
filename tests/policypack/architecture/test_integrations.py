"""The integrations between the stages of small architectures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policypack.architecture.integrations import integrations_of
from policypack.model import HTTP_API_ROUTE, QUEUE, Resource, Stack, Undecided, Unknown
from policypack.testing import UNKNOWN, resource
from tests.policypack.architecture.architectures import (
    FAILED,
    JOBS,
    PREFIX,
    allow,
    endpoint,
    event_bus,
    http_api,
    notified_queue,
    short,
    worker,
)

RESULTS = f"arn:aws:dynamodb:{PREFIX}:table/results"


def arrows(stack: Stack) -> dict[str, str]:
    """The label of each integration, by its ends."""
    return {
        f"{short(each.source)} {'-.->' if each.on_failure else '-->'} {short(each.target)}": each.label
        for each in integrations_of(stack)
    }


@pytest.mark.parametrize(
    ("mapped", "label"),
    [
        ({}, "batches"),
        ({"batch_size": 10}, "batches of 10"),
        ({"batch_size": 5, "scaling_config": {"maximum_concurrency": 4}}, "batches of 5\nmaximum concurrency 4"),
    ],
)
def test_a_queue_feeds_a_function_and_has_a_dead_letter_queue(mapped: dict[str, Any], label: str) -> None:
    """Through the event source mapping and the redrive policy."""
    assert arrows(worker(**mapped)) == {
        "Queue jobs --> Function worker": label,
        "Queue jobs -.-> Queue failed": "after 5 receives",
    }


@pytest.mark.parametrize(
    ("redrive", "expected"),
    [
        (json.dumps({"deadLetterTargetArn": FAILED, "maxReceiveCount": 3}), "after 3 receives"),
        (json.dumps({"deadLetterTargetArn": FAILED}), "after 10 receives"),  # SQS's default
        (json.dumps({"maxReceiveCount": 3}), None),
        (json.dumps({"deadLetterTargetArn": f"{FAILED}-elsewhere"}), None),
        ("{", None),  # AWS will refuse it
        ("[]", None),
    ],
)
def test_the_redrive_policy_of_a_queue(redrive: str, expected: str | None) -> None:
    """It names the dead-letter queue, and how often a message is received before."""
    failed, jobs = resource(QUEUE, {"arn": FAILED}, "failed"), resource(QUEUE, {"redrivePolicy": redrive}, "jobs")
    assert arrows(Stack([failed, jobs])).get("Queue jobs -.-> Queue failed") == expected


def test_an_unknown_redrive_policy_is_undecided() -> None:
    """It may name any queue."""
    with pytest.raises(Undecided):
        integrations_of(Stack([resource(QUEUE, {"redrivePolicy": Unknown("redrivePolicy")}, "jobs")]))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("dynamodb:PutItem", RESULTS), {"Function worker --> Table results": "PutItem"}),
        (
            allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], RESULTS),
            {"Function worker --> Table results": "PutItem, UpdateItem"},
        ),
        (allow("s3:GetObject", "arn:aws:s3:::files/in/*"), {"Bucket files --> Function worker": "GetObject"}),
        (allow("s3:ListBucket", "arn:aws:s3:::files"), {}),  # transfers no data
        (allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], JOBS), {}),  # the mapping shows it
        (allow("sqs:SendMessage", FAILED), {"Function worker --> Queue failed": "SendMessage"}),
        (allow("dynamodb:PutItem", f"arn:aws:dynamodb:{PREFIX}:table/another"), {}),
        (allow("dynamodb:PutItem", "*"), {}),
        (allow("dynamodb:PutItem", RESULTS) | {"Effect": "Deny"}, {}),
    ],
)
def test_a_function_uses_what_its_role_allows(statement: dict[str, Any], expected: dict[str, str]) -> None:
    """Data flows to the resource, or from it where the action reads."""
    others = arrows(worker())
    assert {ends: label for ends, label in arrows(worker(statement)).items() if ends not in others} == expected


@pytest.mark.parametrize(
    ("target", "label"),
    [
        ({}, "undeliverable for 24 h"),  # EventBridge's default
        ({"retry_policy": {"maximum_event_age_in_seconds": 7_200}}, "undeliverable for 2 h"),
    ],
)
def test_a_bus_sends_events_to_a_queue(target: dict[str, Any], label: str) -> None:
    """And undeliverable ones to the dead-letter queue of the target."""
    stack = event_bus(input_path="$.detail", dead_letter_config={"arn": FAILED}, **target)
    assert arrows(stack) == {
        "EventBus orders --> Queue jobs": "detail of order events",
        "EventBus orders -.-> Queue failed": label,
    }
    assert arrows(event_bus()) == {"EventBus orders --> Queue jobs": "order events"}


def test_an_api_sends_requests_to_a_queue() -> None:
    """By its route, and by the role of its integration."""
    stack = http_api()
    assert arrows(stack) == {"Api entry --> Queue jobs": "SendMessage, body of POST /jobs"}
    without_route = Stack([resource for resource in stack.resources if resource.type != HTTP_API_ROUTE])
    assert arrows(without_route) == {"Api entry --> Queue jobs": "SendMessage"}


def test_a_topic_notifies_a_queue_and_a_budget_the_topic() -> None:
    """Several notifications of one budget are one integration."""
    assert arrows(notified_queue()) == {
        "Topic news --> Queue jobs": "notifications",
        "Topic news -.-> Queue failed": "undeliverable",
        "Budget costs -.-> Topic news": "",
    }


def test_an_endpoint_hosts_the_models_of_all_its_variants() -> None:
    """Not only of the first."""
    assert arrows(endpoint("old", "new")) == {
        "Endpoint serving --> Model old": "hosts",
        "Endpoint serving --> Model new": "hosts",
    }


def test_an_unknown_property_is_undecided() -> None:
    """A graph without it would be wrong."""
    with pytest.raises(Undecided):
        integrations_of(worker(batch_size=UNKNOWN))
    queue = Resource("urn:pulumi:dev::app::queue::jobs", QUEUE, "jobs", {"redrivePolicy": Unknown("redrivePolicy")})
    with pytest.raises(Undecided, match="redrivePolicy"):
        integrations_of(Stack([queue]))


def test_the_order_of_registration_has_no_influence() -> None:
    """The engine registers resources in any order."""
    stack = worker(allow("dynamodb:PutItem", RESULTS))
    assert integrations_of(Stack(reversed(stack.resources))) == integrations_of(stack)
