"""All the resources of one program, and how they are wired to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from policypack.model.accounts import Accounts
from policypack.model.event_sources import EVENT_SOURCES, POLLERS
from policypack.model.links import ReferenceIndex, identifiers_of, possible_identifiers
from policypack.model.roles import EXECUTION_ROLES
from policypack.model.types import ALIAS, FUNCTION, ROLE
from policypack.model.values import Undecided, is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policypack.model.resource import Resource

Answer = TypeVar("Answer")


class Stack:
    """The resources of a program by type, and the links between them.

    A link is followed by value where the value is known (an ARN, a name, a URL), and by the engine's property
    dependencies where it is not. `Undecided` is raised where a link exists but its end cannot be told yet.
    """

    complete = True
    """Whether these are all resources there will be. An early rule is also asked while they still register."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self.resources: list[Resource] = []
        self.by_urn: dict[str, Resource] = {}
        self._by_type: dict[str, list[Resource]] = {}
        self._named: dict[str, dict[str, Resource]] = {}
        self._answers: dict[Callable[[Stack], Any], Any] = {}
        self._users = ReferenceIndex(self, {type_: use.path for type_, use in EXECUTION_ROLES.items()}, ROLE)
        self._readers = ReferenceIndex(self, POLLERS, *EVENT_SOURCES)
        self._accounts = Accounts(self)
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        """One more resource. What was asked `once` will be asked anew."""
        self.resources.append(resource)
        self.by_urn[resource.urn] = resource
        self._by_type.setdefault(resource.type, []).append(resource)
        if (names := self._named.get(resource.type)) is not None:
            for name in identifiers_of(resource):
                names.setdefault(name, resource)
        self._answers.clear()

    def of_type(self, *types: str) -> list[Resource]:
        """All resources of these types, in the order in which they registered."""
        return [resource for type_ in types for resource in self._by_type.get(type_, ())]

    def linked(self, resource: Resource, path: str, *types: str) -> Resource | None:
        """The resource of one of these types that a property refers to; None where it is absent or elsewhere."""
        value = resource.get(path)
        if value is None:
            return None
        if isinstance(value, str) and (found := self.find(value, *types)) is not None:
            return found
        candidates = [
            other
            for other in self.dependencies_of(resource, path)
            if other.type in types and not self._accounts.is_in_another_account(value, other)
        ]
        if len(candidates) == 1:
            return candidates[0]
        if is_unknown(value):
            raise Undecided(path)
        return None

    def find(self, value: str, *types: str) -> Resource | None:
        """The resource of one of these types that a known ARN, name or URL refers to.

        An ARN of another account than the resource of its name is in refers to none.
        """
        for type_ in types:
            for name in possible_identifiers(value, type_):
                found = self._names(type_).get(name)
                if found is not None and not self._accounts.is_in_another_account(value, found):
                    return found
        return None

    def dependencies_of(self, resource: Resource, path: str) -> list[Resource]:
        """The resources that a property's value was made from, known or not: all those of its top-level property."""
        return [other for urn in resource.dependencies_of(path) if (other := self.by_urn.get(urn)) is not None]

    def cached(self, question: Callable[[Stack], Answer]) -> Answer:
        """What a question about the whole stack answers, asked once however many subjects need to know."""
        if question not in self._answers:
            self._answers[question] = question(self)
        answer: Answer = self._answers[question]
        return answer

    def role_of(self, resource: Resource) -> Resource | None:
        """The IAM role of this stack that a resource works under."""
        use = EXECUTION_ROLES.get(resource.type)
        return self.linked(resource, use.path, ROLE) if use else None

    def resources_with_role(self, role: Resource | None) -> Iterator[Resource]:
        """The resources that work under a role; raises `Undecided` at the end where one's role cannot be told yet."""
        if role is not None:
            yield from self._users.referrers_of(role)

    def resources_sharing_role(self, user: Resource) -> Iterator[Resource]:
        """The resources that work under the same role as this one, which is among them; `Undecided` as above.

        Where the role is not of this stack, they are those that name it by the same ARN.
        """
        if (role := self.role_of(user)) is not None:
            yield from self._users.referrers_of(role)
        elif isinstance(
            arn := user.get(EXECUTION_ROLES[user.type].path) if user.type in EXECUTION_ROLES else None, str
        ):
            yield from self._users.referrers_by_arn(arn)

    def pollers_of(self, source: Resource) -> Iterator[Resource]:
        """The event source mappings and pipes that read from a queue, stream or table; `Undecided` as above."""
        yield from self._readers.referrers_of(source)

    def source_of(self, reader: Resource) -> Resource | None:
        """Where an event source mapping or a pipe takes its events: a queue, a stream or a table of this stack."""
        path = POLLERS.get(reader.type)
        return self.linked(reader, path, *EVENT_SOURCES) if path else None

    def target_of(self, mapping: Resource) -> Resource | None:
        """The function that an event source mapping or an alias calls, through an alias if need be."""
        if not is_unknown(mapping.get("functionName")):
            return self.linked(mapping, "functionName", FUNCTION)  # a known ARN holds the function's own name
        target = self.linked(mapping, "functionName", FUNCTION, ALIAS)
        return self.target_of(target) if target is not None and target.type == ALIAS else target

    def _names(self, type_: str) -> dict[str, Resource]:
        if type_ not in self._named:
            names: dict[str, Resource] = {}
            for resource in self._by_type.get(type_, ()):
                for name in identifiers_of(resource):
                    names.setdefault(name, resource)
            self._named[type_] = names
        return self._named[type_]
