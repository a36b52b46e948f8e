"""What goes from one resource to another: along mappings, rules and subscriptions, and where roles allow it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from policypack.model import (
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    EVENT_BUS,
    EVENT_RULE,
    EVENT_SOURCE_MAPPING,
    EVENT_TARGET,
    MODEL,
    QUEUE,
    TOPIC,
    TOPIC_SUBSCRIPTION,
)
from tools.docs.grants import API, grants_of, users_of
from tools.docs.graph import BUDGET, Edge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

ROUTE: Final = "aws:apigatewayv2/route:Route"
READING: Final = {"s3:GetObject"}
"""What comes out of a resource instead of going in."""
STILL: Final = {"s3:ListBucket", "s3:DeleteObject"}
"""What moves nothing: the table of grants has it."""


def edges_of(stack: Stack) -> list[Edge]:
    """All edges, those between the same two of one kind as one."""
    found: dict[tuple[str, str, bool], list[str]] = {}
    for each in (_mappings, _set_aside, _granted, _hosting, _answers, _events, _http, _told):
        for source, target, label, weak in each(stack):
            labels = found.setdefault((source, target, weak), [])
            if label not in labels:
                labels.append(label)
    return sorted(
        Edge(source, target, ", ".join(sorted(labels)), weak) for (source, target, weak), labels in found.items()
    )


def _mappings(stack: Stack) -> Iterator[Edge]:
    for mapping in stack.of_type(EVENT_SOURCE_MAPPING):
        source, target = stack.source_of(mapping), stack.target_of(mapping)
        if source is not None and target is not None:
            most = mapping.get("scalingConfig.maximumConcurrency")
            yield Edge(source.urn, target.urn, f"batches of {mapping.get('batchSize')}<br/>{most} at a time")


def _set_aside(stack: Stack) -> Iterator[Edge]:
    """Dead-letter queues, of queues, subscriptions, buses and targets."""
    for queue in stack.of_type(QUEUE):
        if queue.has("redrivePolicy"):
            redrive = json.loads(queue.get("redrivePolicy"))
            yield from _aside(stack, queue, redrive, f"after {redrive['maxReceiveCount']} deliveries")
    for subscription in stack.of_type(TOPIC_SUBSCRIPTION):
        topic = stack.linked(subscription, "topic", TOPIC)
        if subscription.has("redrivePolicy"):
            yield from _aside(stack, topic, json.loads(subscription.get("redrivePolicy")), "undeliverable")
    for target in stack.of_type(EVENT_TARGET):
        if target.has("deadLetterConfig.arn"):
            hours = target.get("retryPolicy.maximumEventAgeInSeconds") // 3_600
            dead = {"deadLetterTargetArn": target.get("deadLetterConfig.arn")}
            yield from _aside(
                stack, stack.linked(target, "eventBusName", EVENT_BUS), dead, f"undeliverable for {hours} h"
            )


def _aside(stack: Stack, source: Resource | None, redrive: dict[str, Any], label: str) -> Iterator[Edge]:
    target = stack.named(redrive["deadLetterTargetArn"], QUEUE)
    if source is not None and target is not None:
        yield Edge(source.urn, target.urn, label, weak=True)


def _granted(stack: Stack) -> Iterator[Edge]:
    """What the users of a role do with it. That a queue may be emptied is drawn where a mapping does so."""
    for grant in grants_of(stack):
        if grant.target is None or "sqs:ReceiveMessage" in grant.actions:
            continue
        for user in users_of(stack, grant.role):
            for action in set(grant.actions) - STILL:
                label = action.partition(":")[2]
                if action in READING:
                    yield Edge(grant.target.urn, user.urn, label)
                else:
                    yield Edge(user.urn, grant.target.urn, label)


def _hosting(stack: Stack) -> Iterator[Edge]:
    """From the endpoint to the model behind it."""
    for endpoint in stack.of_type(ENDPOINT):
        configuration = stack.linked(endpoint, "endpointConfigName", ENDPOINT_CONFIGURATION)
        model = configuration and stack.named(configuration.get("productionVariants[0].modelName"), MODEL)
        if model is not None:
            yield Edge(endpoint.urn, model.urn, "runs")


def _answers(stack: Stack) -> Iterator[Edge]:
    """From topics to queues."""
    for subscription in stack.of_type(TOPIC_SUBSCRIPTION):
        topic, queue = stack.linked(subscription, "topic", TOPIC), stack.linked(subscription, "endpoint", QUEUE)
        if topic is not None and queue is not None:
            yield Edge(topic.urn, queue.urn, "notifications")


def _events(stack: Stack) -> Iterator[Edge]:
    for target in stack.of_type(EVENT_TARGET):
        bus, queue = stack.linked(target, "eventBusName", EVENT_BUS), stack.linked(target, "arn", QUEUE)
        rule = stack.linked(target, "rule", EVENT_RULE)
        if bus is not None and queue is not None and rule is not None:
            pattern = json.loads(rule.get("eventPattern"))
            yield Edge(bus.urn, queue.urn, f"detail of {', '.join(pattern['detail-type'])} events")


def _http(stack: Stack) -> Iterator[Edge]:
    for route in stack.of_type(ROUTE):
        for integration in stack.made_from(route, "target"):
            api = stack.linked(integration, "apiId", API)
            queue = stack.linked(integration, "requestParameters.QueueUrl", QUEUE)
            if api is not None and queue is not None:
                yield Edge(api.urn, queue.urn, f"body of {route.get('routeKey')}")


def _told(stack: Stack) -> Iterator[Edge]:
    for budget in stack.of_type(BUDGET):
        for arn in budget.get("notifications[0].subscriberSnsTopicArns", []):
            if (topic := stack.named(arn, TOPIC)) is not None:
                yield Edge(budget.urn, topic.urn, "", weak=True)
