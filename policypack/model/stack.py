"""All the resources of one program, and how they are wired to each other."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from policypack.model.roles import ROLE_USES
from policypack.model.types import ALIAS, EVENT_SOURCE_MAPPING, FUNCTION, QUEUE, ROLE, STREAM, TABLE
from policypack.model.values import Undecided, is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policypack.model.resource import Resource

Answer = TypeVar("Answer")

_NAMES = ("arn", "id", "name", "url", "qualifiedArn", "invokeArn", "streamArn")


class Stack:
    """The resources of a program by type, and the links between them.

    A link is followed by value where the value is known (an ARN, a name, a URL), and by the engine's property
    dependencies where it is not. `Undecided` is raised where a link exists but its end cannot be told yet.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = list(resources)
        self._by_type: dict[str, list[Resource]] = {}
        self._named: dict[str, dict[str, Resource]] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)
        self.by_urn = {resource.urn: resource for resource in self.resources}
        self._answers: dict[Callable[[Stack], Any], Any] = {}

    def of_type(self, *types: str) -> list[Resource]:
        """All resources of these types, in the order in which they registered."""
        return [resource for type_ in types for resource in self._by_type.get(type_, ())]

    def linked(self, resource: Resource, path: str, *types: str) -> Resource | None:
        """The resource of one of these types that a property refers to; None where it is absent or elsewhere."""
        value = resource.get(path)
        if value is None:
            return None
        if isinstance(value, str) and (found := self.named(value, *types)) is not None:
            return found
        candidates = [other for other in self.made_from(resource, path) if other.type in types]
        if len(candidates) == 1:
            return candidates[0]
        if is_unknown(value):
            raise Undecided(path)
        return None

    def named(self, value: str, *types: str) -> Resource | None:
        """The resource of one of these types that a known ARN, name or URL refers to."""
        for type_ in types:
            for name in _spellings(value, type_):
                if (found := self._names(type_).get(name)) is not None:
                    return found
        return None

    def made_from(self, resource: Resource, path: str) -> list[Resource]:
        """The resources that a property's value was made from, known or not: all those of its top-level property."""
        top_level = path.partition(".")[0].partition("[")[0]
        urns = resource.property_dependencies.get(top_level, ())
        return [other for urn in urns if (other := self.by_urn.get(urn)) is not None]

    def once(self, question: Callable[[Stack], Answer]) -> Answer:
        """What a question about the whole stack answers, asked once however many subjects need to know."""
        if question not in self._answers:
            self._answers[question] = question(self)
        answer: Answer = self._answers[question]
        return answer

    def role_of(self, resource: Resource) -> Resource | None:
        """The IAM role of this stack that a resource works under."""
        use = ROLE_USES.get(resource.type)
        return self.linked(resource, use.path, ROLE) if use else None

    def users_of(self, role: Resource | None) -> Iterator[Resource]:
        """The resources that work under a role; raises `Undecided` at the end where one's role cannot be told yet."""
        if role is None:
            return
        yield from self._users.get(role.urn, ())
        if self._undecided_role is not None:
            raise self._undecided_role

    def source_of(self, mapping: Resource) -> Resource | None:
        """Where an event source mapping takes its events: a queue, a stream or a table of this stack."""
        return self.linked(mapping, "eventSourceArn", QUEUE, STREAM, TABLE)

    def target_of(self, mapping: Resource) -> Resource | None:
        """The function that an event source mapping or an alias calls, through an alias if need be."""
        target = self.linked(mapping, "functionName", FUNCTION, ALIAS)
        return self.target_of(target) if target is not None and target.type == ALIAS else target

    @cached_property
    def mappings_by_source(self) -> dict[str, list[Resource]]:
        """Event source mappings by the URN of what they read from; those whose source cannot be told are left out."""
        found: dict[str, list[Resource]] = {}
        for mapping in self.of_type(EVENT_SOURCE_MAPPING):
            try:
                source = self.source_of(mapping)
            except Undecided:
                continue
            if source is not None:
                found.setdefault(source.urn, []).append(mapping)
        return found

    @cached_property
    def _users(self) -> dict[str, list[Resource]]:
        users: dict[str, list[Resource]] = {}
        for resource in self.of_type(*ROLE_USES):
            try:
                role = self.role_of(resource)
            except Undecided as undecided:
                self._undecided_role = undecided
                continue
            if role is not None:
                users.setdefault(role.urn, []).append(resource)
        return users

    _undecided_role: Undecided | None = None

    def _names(self, type_: str) -> dict[str, Resource]:
        if type_ not in self._named:
            names: dict[str, Resource] = {}
            for resource in self._by_type.get(type_, ()):
                for path in _NAMES:
                    if isinstance(value := resource.get(path), str):
                        names.setdefault(str.__str__(value), resource)
            self._named[type_] = names
        return self._named[type_]


def _spellings(value: Any, type_: str) -> Iterator[str]:
    """A reference as it stands, then the name inside its ARN, for the types whose ARNs end in their name."""
    yield value
    if value.startswith("arn:"):
        parts = value.split(":", 5)
        if len(parts) == 6:  # noqa: PLR2004 - arn:partition:service:region:account:resource
            yield _name_in(parts[5], type_)
    elif type_ == FUNCTION:
        yield value.partition(":")[0]


def _name_in(tail: str, type_: str) -> str:
    match type_:
        case "aws:lambda/function:Function":
            return tail.split(":")[1] if ":" in tail else tail
        case "aws:dynamodb/table:Table":
            return tail.split("/")[1] if "/" in tail else tail
        case _:
            return tail.rpartition("/")[2]
