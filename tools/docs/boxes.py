"""The boxes and frames of a picture: a box describes a stage with its limits, a frame a component with its boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from policypack.architecture.stages import STAGE_TYPES, component_of, stages_of
from policypack.model import (
    BUDGET,
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    FUNCTION,
    KEY,
    KEY_ALIAS,
    METRIC_ALARM,
    QUEUE,
    ROLE_POLICY,
    SCALABLE_TARGET,
    TABLE,
    TOPIC,
)
from policypack.model.execution_roles import EXECUTION_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policypack.model import Resource, Stack

DAY: Final = 86_400
NOT_ENCRYPTED: Final = (KEY_ALIAS, ROLE_POLICY)
"""Types that refer to a key without being encrypted with it."""


class Box(NamedTuple):
    """A resource and the lines that describe it; the first line is its name."""

    urn: str
    type: str
    lines: tuple[str, ...]


class Frame(NamedTuple):
    """A component of the program: its name and type, the number of its alarms, and the boxes in it."""

    name: str
    type: str
    alarms: int
    boxes: tuple[Box, ...]


def boxes_of(stack: Stack) -> list[Box]:
    """A box for every stage: its name, AWS's name for its type, its limits, and its role."""
    found = []
    for stage in stages_of(stack):
        limits = _LIMITS.get(stage.type, _no_limits)(stack, stage)
        role = stack.role_of(stage) if stage.type in EXECUTION_ROLES else None
        role_line = (f"role {role.name}",) if role is not None else ()
        found.append(Box(stage.urn, stage.type, (stage.name, STAGE_TYPES[stage.type], *limits, *role_line)))
    return found


def frames_of(stack: Stack, boxes: Iterable[Box], positions: Mapping[str, int]) -> list[Frame]:
    """A frame for every component that has boxes, in the order of their positions."""
    members: dict[str, list[Box]] = {}
    for box in boxes:
        members.setdefault(component_of(stack, stack.by_urn[box.urn]).urn, []).append(box)
    alarms: dict[str, int] = {}
    for alarm in stack.of_type(METRIC_ALARM):
        urn = component_of(stack, alarm).urn
        alarms[urn] = alarms.get(urn, 0) + 1
    found = []
    for urn, inside in members.items():
        inside.sort(key=lambda box: positions[box.urn])
        component = stack.by_urn[urn]
        found.append(Frame(component.name, component.type, alarms.get(urn, 0), tuple(inside)))
    return sorted(found, key=lambda frame: positions[frame.boxes[0].urn])


def _no_limits(_stack: Stack, _resource: Resource) -> Iterator[str]:
    return iter(())


def _queue(_stack: Stack, queue: Resource) -> Iterator[str]:
    yield f"retention {queue.get('messageRetentionSeconds') // DAY} days"
    if queue.has("visibilityTimeoutSeconds"):
        yield f"visibility timeout {queue.get('visibilityTimeoutSeconds')} s"


def _function(_stack: Stack, function: Resource) -> Iterator[str]:
    yield f"{function.get('memorySize')} MB, {function.get('timeout')} s"
    yield f"reserved concurrency {function.get('reservedConcurrentExecutions')}"


def _table(_stack: Stack, table: Resource) -> Iterator[str]:
    reads, writes = (table.get(f"onDemandThroughput.max{what}RequestUnits") for what in ("Read", "Write"))
    yield f"at most {writes} writes/s" if reads == writes else f"at most {reads} reads/s, {writes} writes/s"


def _endpoint(stack: Stack, endpoint: Resource) -> Iterator[str]:
    configuration = stack.linked(endpoint, "endpointConfigName", ENDPOINT_CONFIGURATION)
    variants = configuration.each("productionVariants") if configuration is not None else ()
    for variant in variants:
        if variant.has("serverlessConfig"):
            yield f"serverless, {variant.get('serverlessConfig.memorySizeInMb')} MB"
            yield f"maximum concurrency {variant.get('serverlessConfig.maxConcurrency')}"
            continue
        for target in stack.of_type(SCALABLE_TARGET):
            if endpoint.get("name") in target.get("resourceId").split("/"):
                bounds = f"{target.get('minCapacity')} to {target.get('maxCapacity')}"
                yield f"{bounds} instances {variant.get('instanceType')}"


def _key(stack: Stack, key: Resource) -> Iterator[str]:
    """The number of encrypted resources: their names would be most names of the picture."""
    encrypted = [
        each
        for each in stack.resources
        if each.type not in NOT_ENCRYPTED and any(key.urn in urns for urns in each.property_dependencies.values())
    ]
    yield f"encrypts {len(encrypted)} resources"
    yield f"rotates every {key.get('rotationPeriodInDays')} days"


def _topic(stack: Stack, topic: Resource) -> Iterator[str]:
    alarms = [
        alarm
        for alarm in stack.of_type(METRIC_ALARM)
        if any(isinstance(arn, str) and stack.find(arn, TOPIC) is topic for arn in alarm.get("alarmActions", []))
    ]
    if alarms:
        yield f"notified by {len(alarms)} alarms"


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
