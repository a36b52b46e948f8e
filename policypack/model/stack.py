"""All resources of a program, and the references between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from policypack.model.accounts import Accounts
from policypack.model.event_sources import EVENT_SOURCES, POLLERS
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.model.links import ReferenceIndex, identifiers_of, possible_identifiers
from policypack.model.types import ALIAS, FUNCTION, ROLE
from policypack.model.values import Undecided, is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policypack.model.resource import Resource

Result = TypeVar("Result")


class Stack:
    """The resources of a program, and the references between them.

    A reference is resolved by its value where that is known (an ARN, a name, a URL), and by the engine's property
    dependencies where it is not. `Undecided` is raised where a reference exists whose target is not known yet.
    """

    complete = True
    """Whether the program has registered all its resources. Early rules are also judged before it has."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self.resources: list[Resource] = []
        self.by_urn: dict[str, Resource] = {}
        self._by_type: dict[str, list[Resource]] = {}
        self._by_identifier: dict[str, dict[str, Resource]] = {}
        self._computed: dict[Callable[[Stack], Any], Any] = {}
        role_properties = {type_: execution_role.path for type_, execution_role in EXECUTION_ROLES.items()}
        self._role_users = ReferenceIndex(self, role_properties, ROLE)
        self._pollers = ReferenceIndex(self, POLLERS, *EVENT_SOURCES)
        self._accounts = Accounts(self)
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        """Add a resource. Results of `cached` will be computed again."""
        self.resources.append(resource)
        self.by_urn[resource.urn] = resource
        self._by_type.setdefault(resource.type, []).append(resource)
        if (names := self._by_identifier.get(resource.type)) is not None:
            for name in identifiers_of(resource):
                names.setdefault(name, resource)
        self._computed.clear()

    def of_type(self, *types: str) -> list[Resource]:
        """All resources of these types, in the order in which they registered."""
        return [resource for type_ in types for resource in self._by_type.get(type_, ())]

    def linked(self, resource: Resource, path: str, *types: str) -> Resource | None:
        """The resource of one of these types that a property refers to; None where it is absent or not in the stack."""
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

        An ARN of another account than that of the resource with its name refers to none.
        """
        for type_ in types:
            for name in possible_identifiers(value, type_):
                found = self._identifiers(type_).get(name)
                if found is not None and not self._accounts.is_in_another_account(value, found):
                    return found
        return None

    def dependencies_of(self, resource: Resource, path: str) -> list[Resource]:
        """The resources that a property depends on, whether its value is known or not.

        The engine reports dependencies of top-level properties: those of `a.b` include those of `a.c`.
        """
        return [other for urn in resource.dependencies_of(path) if (other := self.by_urn.get(urn)) is not None]

    def cached(self, compute: Callable[[Stack], Result]) -> Result:
        """The result of a function of the stack, computed once and kept until a resource is added."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        result: Result = self._computed[compute]
        return result

    def role_of(self, resource: Resource) -> Resource | None:
        """The IAM role of the stack that a resource uses."""
        execution_role = EXECUTION_ROLES.get(resource.type)
        return self.linked(resource, execution_role.path, ROLE) if execution_role else None

    def resources_with_role(self, role: Resource | None) -> Iterator[Resource]:
        """The resources that use a role; raises `Undecided` at the end if another may use it as well."""
        if role is not None:
            yield from self._role_users.referrers_of(role)

    def resources_sharing_role(self, resource: Resource) -> Iterator[Resource]:
        """The resources that use the same role as this one, itself included; `Undecided` as above.

        For a role that is not in the stack, they are those that name the same ARN.
        """
        if (role := self.role_of(resource)) is not None:
            yield from self._role_users.referrers_of(role)
            return
        execution_role = EXECUTION_ROLES.get(resource.type)
        arn = resource.get(execution_role.path) if execution_role is not None else None
        if isinstance(arn, str):
            yield from self._role_users.referrers_by_arn(arn)

    def pollers_of(self, source: Resource) -> Iterator[Resource]:
        """The event source mappings and pipes that poll a queue, stream or table; `Undecided` as above."""
        yield from self._pollers.referrers_of(source)

    def source_of(self, poller: Resource) -> Resource | None:
        """The queue, stream or table of the stack that an event source mapping or a pipe polls."""
        path = POLLERS.get(poller.type)
        return self.linked(poller, path, *EVENT_SOURCES) if path else None

    def target_of(self, mapping: Resource) -> Resource | None:
        """The function of the stack that an event source mapping or an alias invokes, also through another alias."""
        if not is_unknown(mapping.get("functionName")):
            return self.linked(mapping, "functionName", FUNCTION)  # a known ARN holds the function's own name
        target = self.linked(mapping, "functionName", FUNCTION, ALIAS)
        return self.target_of(target) if target is not None and target.type == ALIAS else target

    def _identifiers(self, type_: str) -> dict[str, Resource]:
        if type_ not in self._by_identifier:
            names: dict[str, Resource] = {}
            for resource in self._by_type.get(type_, ()):
                for name in identifiers_of(resource):
                    names.setdefault(name, resource)
            self._by_identifier[type_] = names
        return self._by_identifier[type_]
