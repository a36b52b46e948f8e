"""Dead-letter queues: what sends to which, and which queues have one or are one, and so need none."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from policypack.model import (
    QUEUE,
    REDRIVE_ALLOW_POLICY,
    REDRIVE_POLICY,
    Undecided,
    is_unknown,
)
from policypack.model.failure_destinations import FAILURE_DESTINATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

_DEFAULT_RECEIVES: Final = 10
"""Receives of a message before it is set aside: SQS API reference, SetQueueAttributes, "RedrivePolicy"."""


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


def with_dead_letter_queue(stack: Stack, type_: str) -> Iterator[tuple[Resource, Resource]]:
    """The resources of a type that name a dead-letter queue of the stack, each with that queue.

    Raises `Undecided` for a property that is not known yet.
    """
    for resource in stack.of_type(type_):
        for path in FAILURE_DESTINATIONS[type_]:
            if is_unknown(resource.get(path, "")):
                raise Undecided(path)
            if (queue := _named_queue(stack, resource, path)) is not None:
                yield resource, queue


def max_receives(queue: Resource) -> int | str:
    """How often a message is received before it is set aside. The redrive policy of the queue must be known.

    SQS also takes the number as text.
    """
    receives: int | str = _read_redrive_policy(queue.get("redrivePolicy", "")).get("maxReceiveCount", _DEFAULT_RECEIVES)
    return receives


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
    if is_unknown(resource.get(path, "")):
        yield from (maker for maker in stack.dependencies_of(resource, path) if maker.type == QUEUE)
    elif (queue := _named_queue(stack, resource, path)) is not None:
        yield queue


def _named_queue(stack: Stack, resource: Resource, path: str) -> Resource | None:
    """The queue of the stack that a known property names, by its ARN, name or URL, or by a redrive policy."""
    value = resource.get(path, "")
    named = _read_redrive_policy(value).get("deadLetterTargetArn", "") if path == "redrivePolicy" else value
    return stack.find(named, QUEUE) if isinstance(named, str) else None


def _read_redrive_policy(policy: str) -> dict[str, Any]:
    """The content of a redrive policy; empty where it is not a JSON object."""
    try:
        read: Any = json.loads(policy)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
