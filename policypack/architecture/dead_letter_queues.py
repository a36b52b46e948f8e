"""Which queues have a dead-letter queue, or are one, and so need none."""

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
    """How certain it is that a queue has a dead-letter queue or is one."""

    CERTAIN = 1
    POSSIBLE = 2


def covered_queues(stack: Stack) -> dict[str, DeadLetterCoverage]:
    """The queues that have a dead-letter queue or are one, by URN."""
    coverage: dict[str, DeadLetterCoverage] = {}
    for resource, path in _covering_properties(stack):
        queues = list(_queues_at(stack, resource, path))
        for queue in queues:
            if len(queues) == 1:
                coverage[queue.urn] = DeadLetterCoverage.CERTAIN
            else:
                coverage.setdefault(queue.urn, DeadLetterCoverage.POSSIBLE)
    for queue in stack.of_type(QUEUE):
        if _has_dead_letter_queue(queue) or _accepts_dead_letters(queue):
            coverage[queue.urn] = DeadLetterCoverage.CERTAIN
    return coverage


def _covering_properties(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """Every property that names a queue that is covered because it is named there."""
    for resource in stack.of_type(*FAILURE_DESTINATIONS):
        yield from ((resource, path) for path in FAILURE_DESTINATIONS[resource.type])
    for resource in stack.of_type(REDRIVE_POLICY):
        if _has_dead_letter_queue(resource):
            yield resource, "queueUrl"
    for resource in stack.of_type(REDRIVE_ALLOW_POLICY):
        if _accepts_dead_letters(resource):
            yield resource, "queueUrl"


def _has_dead_letter_queue(resource: Resource) -> bool:
    """Whether a redrive policy names a dead-letter queue; one that is unknown until deployment does."""
    policy = resource.get("redrivePolicy", "")
    return is_unknown(policy) or "deadLetterTargetArn" in policy


def _accepts_dead_letters(resource: Resource) -> bool:
    """Whether a redrive allow policy accepts messages of other queues; one that is unknown until deployment does."""
    policy = resource.get("redriveAllowPolicy", "")
    return is_unknown(policy) or (policy != "" and "denyAll" not in policy)


def _queues_at(stack: Stack, resource: Resource, path: str) -> Iterator[Resource]:
    """The queue that a property names; several where it is unknown and depends on several."""
    value = resource.get(path, "")
    if is_unknown(value):
        yield from (maker for maker in stack.dependencies_of(resource, path) if maker.type == QUEUE)
    elif (queue := stack.find(_dead_letter_arn(value) if path == "redrivePolicy" else value, QUEUE)) is not None:
        yield queue


def _dead_letter_arn(policy: str) -> str:
    """The ARN of the dead-letter queue in a redrive policy; empty where the policy has none or is not valid JSON."""
    try:
        read: Any = json.loads(policy)
    except ValueError:
        return ""
    target = read.get("deadLetterTargetArn", "") if isinstance(read, dict) else ""
    return target if isinstance(target, str) else ""
