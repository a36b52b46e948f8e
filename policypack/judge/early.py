"""Stack rules judged while resources register: the fault is seen with whichever resource completes it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from policypack.model import EVENT_SOURCE_MAPPING, QUEUE, ROLE, Stack, Undecided
from policypack.model.execution_roles import EXECUTION_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policypack.model import Resource
    from policypack.rule import Rule

Answer = TypeVar("Answer")

NEIGHBOURS: Final = 16
"""How many resources that share a role or a source with a new one are judged anew."""
CROWD: Final = 32
"""How many may share one before a newcomer of a kind that is there twice already is left to the final pass. Both
bounds keep a stack of many resources on one role linear: what two of a kind do not break, a third seldom does."""


class GrowingStack(Stack):
    """The resources that have registered so far. Links are found by value only: property dependencies arrive later."""

    complete = False

    def __init__(self) -> None:
        super().__init__()
        self._at: dict[str, Counter[str]] = {}

    def arrive(self, resource: Resource) -> bool:
        """Add a resource. False where it joins a crowd as one more of its kind."""
        self.add(resource)
        crowded = False
        for hub in hubs(self, resource):
            if hub is not resource:
                there = self._at.setdefault(hub.urn, Counter())
                there[resource.type] += 1
                crowded = crowded or (there.total() > CROWD and there[resource.type] > 2)  # noqa: PLR2004 - two of a kind
        return not crowded

    def cached(self, question: Callable[[Stack], Answer]) -> Answer:
        """Not for early rules: the answer would be sought anew with every resource."""
        raise TypeError(f"{getattr(question, '__name__', question)}: an early rule cannot use stack.cached()")


def completes(stack: GrowingStack, resource: Resource, rules: tuple[Rule, ...]) -> Iterator[tuple[Rule, Resource]]:
    """Add a resource, and say which early rules to judge, and about whom, now that it is here."""
    if not stack.arrive(resource):
        return
    subjects = [resource, *islice(_neighbours(stack, resource), NEIGHBOURS)]
    for rule in rules:
        for subject in subjects:
            if subject.type in rule.on:
                yield rule, subject


def matters(resource_type: str, rules: tuple[Rule, ...]) -> bool:
    """Whether a resource of this type can be a subject of an early rule, or an end of a link that one follows."""
    linking = resource_type in EXECUTION_ROLES or resource_type in {ROLE, QUEUE, EVENT_SOURCE_MAPPING}
    return bool(rules) and (linking or any(resource_type in rule.on for rule in rules))


def _neighbours(stack: GrowingStack, resource: Resource) -> Iterator[Resource]:
    """The role and the source that a resource has, and the others that have them too."""
    for hub in hubs(stack, resource):
        if hub is not resource:
            yield hub
        others = stack.resources_with_role(hub) if hub.type == ROLE else stack.pollers_of(hub)
        try:
            yield from (other for other in others if other is not resource)
        except Undecided:
            continue
    with suppress(Undecided):
        if stack.role_of(resource) is None:  # nor is the role they may share a hub then
            yield from (other for other in stack.resources_sharing_role(resource) if other is not resource)


def hubs(stack: GrowingStack, resource: Resource) -> Iterator[Resource]:
    """The role and the source that a resource has, and itself where it is one."""
    if resource.type in {ROLE, QUEUE}:
        yield resource
    for end in (stack.role_of, stack.source_of):
        try:
            hub = end(resource)
        except Undecided:
            continue
        if hub is not None:
            yield hub
