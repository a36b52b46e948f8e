"""What is worth knowing of a resource at a glance: its limits, above all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model import (
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    FUNCTION,
    KEY,
    KEY_ALIAS,
    METRIC_ALARM,
    QUEUE,
    ROLE_POLICY,
    TABLE,
    TOPIC,
)
from policypack.model.roles import ROLE_USES
from tools.docs.graph import BUDGET, DRAWN, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policypack.model import Resource, Stack

DAY: Final = 86_400
TARGET: Final = "aws:appautoscaling/target:Target"
WIRING: Final = (KEY_ALIAS, ROLE_POLICY)
"""What refers to a key and is not encrypted under it."""


def nodes_of(stack: Stack) -> list[Node]:
    """Every resource that gets a box, with its name, what AWS calls it, and its limits."""
    found = []
    for type_, called in DRAWN.items():
        for resource in stack.of_type(type_):
            limits = _LIMITS.get(type_, _none)(stack, resource)
            role = stack.role_of(resource) if type_ in ROLE_USES else None
            under = (f"role {role.name}",) if role is not None else ()
            found.append(Node(resource.urn, type_, (resource.name, called, *limits, *under)))
    return found


def _none(_stack: Stack, _resource: Resource) -> Iterator[str]:
    return iter(())


def _queue(_stack: Stack, queue: Resource) -> Iterator[str]:
    yield f"kept {queue.get('messageRetentionSeconds') // DAY} days"
    if queue.has("visibilityTimeoutSeconds"):
        yield f"hidden {queue.get('visibilityTimeoutSeconds')} s at work"


def _function(_stack: Stack, function: Resource) -> Iterator[str]:
    yield f"{function.get('memorySize')} MB, {function.get('timeout')} s"
    yield f"concurrency {function.get('reservedConcurrentExecutions')}"


def _table(_stack: Stack, table: Resource) -> Iterator[str]:
    reads, writes = (table.get(f"onDemandThroughput.max{what}RequestUnits") for what in ("Read", "Write"))
    yield f"at most {writes} writes/s" if reads == writes else f"at most {reads} reads/s, {writes} writes/s"


def _endpoint(stack: Stack, endpoint: Resource) -> Iterator[str]:
    configuration = stack.linked(endpoint, "endpointConfigName", ENDPOINT_CONFIGURATION)
    variants = configuration.each("productionVariants") if configuration is not None else ()
    for variant in variants:
        if variant.has("serverlessConfig"):
            yield f"serverless, {variant.get('serverlessConfig.memorySizeInMb')} MB"
            yield f"{variant.get('serverlessConfig.maxConcurrency')} requests at a time"
            continue
        for target in stack.of_type(TARGET):
            if endpoint.get("name") in target.get("resourceId").split("/"):
                bounds = f"{target.get('minCapacity')} to {target.get('maxCapacity')}"
                yield f"{bounds} instances {variant.get('instanceType')}"


def _key(stack: Stack, key: Resource) -> Iterator[str]:
    """Names of what is encrypted under it would be most names of the picture."""
    under = [
        resource
        for resource in stack.resources
        if resource.type not in WIRING and any(key.urn in urns for urns in resource.property_dependencies.values())
    ]
    yield f"for {len(under)} resources"
    yield f"rotates every {key.get('rotationPeriodInDays')} days"


def _topic(stack: Stack, topic: Resource) -> Iterator[str]:
    alarms = [
        alarm
        for alarm in stack.of_type(METRIC_ALARM)
        if any(isinstance(arn, str) and stack.named(arn, TOPIC) is topic for arn in alarm.get("alarmActions", []))
    ]
    if alarms:
        yield f"told by {len(alarms)} alarms"


def _budget(_stack: Stack, budget: Resource) -> Iterator[str]:
    yield f"{budget.get('limitAmount')} {budget.get('limitUnit')} a month"


_LIMITS: Final[dict[str, Callable[[Stack, Resource], Iterator[str]]]] = {
    QUEUE: _queue,
    FUNCTION: _function,
    TABLE: _table,
    ENDPOINT: _endpoint,
    KEY: _key,
    TOPIC: _topic,
    BUDGET: _budget,
}
