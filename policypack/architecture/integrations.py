"""The integrations of a stack: which stage sends work, data or notifications to which other stage.

They are derived from event source mappings, event rules, subscriptions, redrive policies, API routes and endpoint
configurations, and from the actions that inline role policies allow. Every function raises `Undecided` if a property or
a document that it reads is not known yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from policypack.architecture.dead_letter_queues import max_receives, with_dead_letter_queue
from policypack.architecture.json_properties import json_property
from policypack.architecture.role_statements import role_statements, role_users
from policypack.model import (
    BUDGET,
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    EVENT_BUS,
    EVENT_RULE,
    EVENT_SOURCE_MAPPING,
    EVENT_TARGET,
    HTTP_API,
    HTTP_API_INTEGRATION,
    HTTP_API_ROUTE,
    MODEL,
    QUEUE,
    TOPIC,
    TOPIC_SUBSCRIPTION,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Stack

_READ_ACTIONS: Final = {"s3:GetObject"}
"""Actions whose data flows from the resource to the caller; with all others it flows to the resource."""
_NO_DATA_ACTIONS: Final = {"s3:ListBucket", "s3:DeleteObject"}
"""Actions that transfer no data."""
_DEFAULT_EVENT_AGE: Final = 86_400
"""Seconds for which EventBridge retries: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html."""


class Integration(NamedTuple):
    """One stage passes something on to another.

    source, target: URNs. label: what is passed on, in lines. on_failure: only if processing or delivery failed (dead
    letters), or to notify about a problem.
    """

    source: str
    target: str
    label: str
    on_failure: bool = False


def integrations_of(stack: Stack) -> list[Integration]:
    """All integrations, sorted. Those between the same two stages are one, with their labels joined by commas."""
    labels: dict[tuple[str, str, bool], set[str]] = {}
    for find in (
        _event_source_mappings,
        _dead_letters,
        _allowed_actions,
        _hosted_models,
        _topic_subscriptions,
        _event_targets,
        _api_routes,
        _budget_notifications,
    ):
        for source, target, label, on_failure in find(stack):
            labels.setdefault((source, target, on_failure), set()).add(label)
    return sorted(
        Integration(source, target, ", ".join(sorted(found)), on_failure)
        for (source, target, on_failure), found in labels.items()
    )


def _event_source_mappings(stack: Stack) -> Iterator[Integration]:
    for mapping in stack.of_type(EVENT_SOURCE_MAPPING):
        source, target = stack.source_of(mapping), stack.target_of(mapping)
        if source is not None and target is not None:
            size, concurrency = mapping.get("batchSize"), mapping.get("scalingConfig.maximumConcurrency")
            label = f"batches of {size}" if size is not None else "batches"
            if concurrency is not None:
                label += f"\nmaximum concurrency {concurrency}"
            yield Integration(source.urn, target.urn, label)


def _dead_letters(stack: Stack) -> Iterator[Integration]:
    """Dead-letter queues of queues, subscriptions and event rules."""
    for queue, failed in with_dead_letter_queue(stack, QUEUE):
        yield Integration(queue.urn, failed.urn, f"after {max_receives(queue)} receives", on_failure=True)
    for subscription, failed in with_dead_letter_queue(stack, TOPIC_SUBSCRIPTION):
        topic = stack.linked(subscription, "topic", TOPIC)
        if topic is not None:
            yield Integration(topic.urn, failed.urn, "undeliverable", on_failure=True)
    for target, failed in with_dead_letter_queue(stack, EVENT_TARGET):
        bus = stack.linked(target, "eventBusName", EVENT_BUS)
        if bus is not None:
            hours = target.get("retryPolicy.maximumEventAgeInSeconds", _DEFAULT_EVENT_AGE) // 3_600
            yield Integration(bus.urn, failed.urn, f"undeliverable for {hours} h", on_failure=True)


def _allowed_actions(stack: Stack) -> Iterator[Integration]:
    """What the users of a role may do to stages. Statements to consume a queue are left out: the mapping shows that."""
    for found in role_statements(stack):
        if found.target is None or "sqs:ReceiveMessage" in found.actions or found.statement["Effect"] != "Allow":
            continue
        for user in role_users(stack, found.role):
            for action in set(found.actions) - _NO_DATA_ACTIONS:
                ends = (found.target.urn, user.urn) if action in _READ_ACTIONS else (user.urn, found.target.urn)
                yield Integration(*ends, action.partition(":")[2])


def _hosted_models(stack: Stack) -> Iterator[Integration]:
    for endpoint in stack.of_type(ENDPOINT):
        configuration = stack.linked(endpoint, "endpointConfigName", ENDPOINT_CONFIGURATION)
        for variant in configuration.each("productionVariants") if configuration is not None else ():
            model = stack.find(name, MODEL) if isinstance(name := variant.get("modelName"), str) else None
            if model is not None:
                yield Integration(endpoint.urn, model.urn, "hosts")


def _topic_subscriptions(stack: Stack) -> Iterator[Integration]:
    for subscription in stack.of_type(TOPIC_SUBSCRIPTION):
        topic, queue = stack.linked(subscription, "topic", TOPIC), stack.linked(subscription, "endpoint", QUEUE)
        if topic is not None and queue is not None:
            yield Integration(topic.urn, queue.urn, "notifications")


def _event_targets(stack: Stack) -> Iterator[Integration]:
    for target in stack.of_type(EVENT_TARGET):
        bus, queue = stack.linked(target, "eventBusName", EVENT_BUS), stack.linked(target, "arn", QUEUE)
        rule = stack.linked(target, "rule", EVENT_RULE)
        if bus is not None and queue is not None and rule is not None:
            types = json_property(rule, "eventPattern").get("detail-type", [])
            part = "detail of" if target.get("inputPath") == "$.detail" else ""
            yield Integration(bus.urn, queue.urn, " ".join(filter(None, (part, ", ".join(types), "events"))))


def _api_routes(stack: Stack) -> Iterator[Integration]:
    for route in stack.of_type(HTTP_API_ROUTE):
        for integration in stack.dependencies_of(route, "target"):
            if integration.type != HTTP_API_INTEGRATION:
                continue
            api = stack.linked(integration, "apiId", HTTP_API)
            queue = stack.linked(integration, "requestParameters.QueueUrl", QUEUE)
            if api is not None and queue is not None:
                yield Integration(api.urn, queue.urn, f"body of {route.get('routeKey')}")


def _budget_notifications(stack: Stack) -> Iterator[Integration]:
    for budget in stack.of_type(BUDGET):
        for notification in budget.each("notifications"):
            for arn in notification.get("subscriberSnsTopicArns", []):
                if (topic := stack.find(arn, TOPIC)) is not None:
                    yield Integration(budget.urn, topic.urn, "", on_failure=True)
