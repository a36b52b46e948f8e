"""Which queues need no dead-letter queue of their own any more."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from policypack.model import (
    QUEUE,
    REDRIVE_ALLOW_POLICY,
    REDRIVE_POLICY,
    is_unknown,
)
from policypack.model.failure_destinations import FAILURE_DESTINATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack


class DeadLetterCoverage(Enum):
    """How sure it is that a queue has, or is, a dead-letter queue."""

    SURELY = 1
    PERHAPS = 2


def covered_queues(stack: Stack) -> dict[str, DeadLetterCoverage]:
    """The queues, by URN, that have a dead-letter queue or are one."""
    served: dict[str, DeadLetterCoverage] = {}
    for resource, path in _mentions(stack):
        queues = list(_queues_at(stack, resource, path))
        for queue in queues:
            if len(queues) == 1:
                served[queue.urn] = DeadLetterCoverage.SURELY
            else:
                served.setdefault(queue.urn, DeadLetterCoverage.PERHAPS)
    for queue in stack.of_type(QUEUE):
        if _names_a_target(queue) or _takes_dead_letters(queue):
            served[queue.urn] = DeadLetterCoverage.SURELY
    return served


def _mentions(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Every property that names a queue which, being named there, is served."""
    for resource in stack.of_type(*FAILURE_DESTINATIONS):
        yield from ((resource, path) for path in FAILURE_DESTINATIONS[resource.type])
    for resource in stack.of_type(REDRIVE_POLICY):
        if _names_a_target(resource):
            yield resource, "queueUrl"
    for resource in stack.of_type(REDRIVE_ALLOW_POLICY):
        if _takes_dead_letters(resource):
            yield resource, "queueUrl"


def _names_a_target(resource: Resource) -> bool:
    """Whether its redrive policy, if only known after deployment, names a dead-letter queue."""
    policy = resource.get("redrivePolicy", "")
    return is_unknown(policy) or "deadLetterTargetArn" in policy


def _takes_dead_letters(resource: Resource) -> bool:
    """Whether its redrive allow policy opens the queue for what others give up."""
    policy = resource.get("redriveAllowPolicy", "")
    return is_unknown(policy) or (policy != "" and "denyAll" not in policy)


def _queues_at(stack: Stack, resource: Resource, path: str) -> Iterator[Resource]:
    """The queue that a property names; several where it is not known yet, and made from several."""
    value = resource.get(path, "")
    if is_unknown(value):
        yield from (maker for maker in stack.dependencies_of(resource, path) if maker.type == QUEUE)
    elif (queue := stack.find(_target(value) if path == "redrivePolicy" else value, QUEUE)) is not None:
        yield queue


def _target(policy: str) -> str:
    """The ARN in a redrive policy; nothing where it is not one."""
    try:
        read: Any = json.loads(policy)
    except ValueError:
        return ""
    target = read.get("deadLetterTargetArn", "") if isinstance(read, dict) else ""
    return target if isinstance(target, str) else ""
