"""Which documents the program attaches to which role, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from policypack.model import (
    POLICY,
    ROLE,
    ROLE_POLICIES_EXCLUSIVE,
    ROLE_POLICY,
    Reference,
    is_unknown,
)
from policypack.model.policy_attachments import (
    INLINE_POLICIES,
    MANAGED_POLICIES,
    PERMISSIONS_BOUNDARY,
    ROLE_ATTACHMENTS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack


class DocumentLocation(msgspec.Struct, frozen=True, eq=False):
    """Where a document of a role stands: `holder.get(path)` is `source`, None for a document that is elsewhere.

    `name` is what people call it; `key` tells one of a role's documents from another. `arn`: of a managed policy that
    is not in the stack.
    """

    name: str
    key: str
    holder: Resource
    path: str
    source: Any = None
    arn: str = ""


class RoleAttachments:
    """The documents of all roles of a stack, gathered in one walk over the resources that attach them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._inline: dict[str, list[DocumentLocation]] = {}
        self._managed: dict[str, list[DocumentLocation]] = {}
        self._listed: dict[str, list[DocumentLocation]] = {}
        self._anywhere: list[DocumentLocation] = []
        for policy in stack.of_type(ROLE_POLICY):
            name = policy.get("name")
            key = name if isinstance(name, str) else policy.urn
            place = DocumentLocation(f"inline policy {policy.name}", key, policy, "policy", policy.get("policy"))
            self._add(self._inline, policy, INLINE_POLICIES[ROLE_POLICY], [place])
        for type_, paths in ROLE_ATTACHMENTS.items():
            for attachment in stack.of_type(type_):
                self._add(self._managed, attachment, paths.roles, list(self._policies(attachment, paths.policies)))
        for exclusive in stack.of_type(ROLE_POLICIES_EXCLUSIVE):
            path = INLINE_POLICIES[ROLE_POLICIES_EXCLUSIVE]
            self._add(self._listed, exclusive, path, list(_listed(exclusive)))

    def documents_of(self, role: Resource) -> list[DocumentLocation]:
        """The documents of a role: inline policies, then managed ones.

        A role has one inline policy of a name, and a managed policy once, however often the program says so (the
        provider lists in a role's own properties what others attach to it, too).
        """
        inline = {place.key: place for place in _inline(role)}
        inline |= {place.key: place for place in self._inline.get(role.urn, ())}
        if all(not is_unknown(place.holder.get("name")) for place in inline.values()):
            for place in self._listed.get(role.urn, ()):
                inline.setdefault(place.key, place)
        managed = [*self._policies(role, MANAGED_POLICIES), *self._managed.get(role.urn, ())]
        once = {place.key: place for place in managed}
        return [*inline.values(), *once.values(), *self._anywhere]

    def boundary_of(self, role: Resource) -> DocumentLocation | None:
        """The permissions boundary of a role."""
        return next(self._policies(role, PERMISSIONS_BOUNDARY), None)

    def _add(
        self, places: dict[str, list[DocumentLocation]], holder: Resource, to: str, found: list[DocumentLocation]
    ) -> None:
        """Note documents for the roles that a property names; for all it may name where it is not known yet."""
        for role in resolve_references(self._stack, holder, to, ROLE):
            if role.resource is not None:
                places.setdefault(role.resource.urn, []).extend(found)
            elif is_unknown(role.value):
                unsure = DocumentLocation(
                    f"what {holder.name} attaches", f"{holder.urn} {role.path}", holder, role.path
                )
                for maybe in role.candidates:
                    places.setdefault(maybe.urn, []).append(unsure)
                if not role.candidates:
                    self._anywhere.append(unsure)

    def _policies(self, holder: Resource, path: str) -> Iterator[DocumentLocation]:
        """The managed policies that a property names."""
        for end in resolve_references(self._stack, holder, path, POLICY):
            policy, value = end.resource, end.value
            if policy is not None:
                yield DocumentLocation(f"policy {policy.name}", policy.urn, policy, "policy", policy.get("policy"))
            elif isinstance(value, str):
                yield DocumentLocation(f"managed policy {value.rpartition('/')[2]}", value, holder, end.path, arn=value)
            else:
                yield DocumentLocation(f"a policy of {holder.name}", f"{holder.urn} {end.path}", holder, end.path)


def _inline(role: Resource) -> Iterator[DocumentLocation]:
    """The inline policies in a role itself."""
    if is_unknown(role.get("inlinePolicies")):
        yield DocumentLocation("inline policies", "inlinePolicies", role, "inlinePolicies")
        return
    for index, policy in enumerate(role.each("inlinePolicies")):
        name, path = policy.get("name"), f"inlinePolicies[{index}].policy"
        if is_unknown(policy.value) or policy.has("policy"):
            key = name if isinstance(name, str) else path
            yield DocumentLocation(f"inline policy {key}", key, role, path, policy.get("policy"))


def _listed(exclusive: Resource) -> Iterator[DocumentLocation]:
    """Inline policies that are to stay; those that are not in the program are somebody else's."""
    names = exclusive.get("policyNames", ())
    for index, name in enumerate(() if is_unknown(names) else names):
        if isinstance(name, str):
            yield DocumentLocation(f"inline policy {name}", name, exclusive, f"policyNames[{index}]")


class ResolvedReference(msgspec.Struct, frozen=True, eq=False):
    """What a property names: a resource that was found, or one elsewhere (`value`), or one of some `candidates`."""

    path: str
    value: Any
    resource: Resource | None = None
    candidates: tuple[Resource, ...] = ()


def resolve_references(stack: Stack, holder: Resource, path: str, type_: str) -> Iterator[ResolvedReference]:
    """The resources of a type that a property names: by value, or by the engine's dependencies."""
    value = holder.get(path)
    items = [(path, value)]
    if isinstance(value, list):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    found = {place: _by_value(stack, item, type_) for place, item in items}
    known = {other.urn for other in found.values() if other is not None}
    dependencies = [other for other in stack.dependencies_of(holder, path) if other.type == type_]
    rest = tuple(other for other in dependencies if other.urn not in known)
    unknown = [place for place, item in items if is_unknown(item)]
    if not isinstance(value, list) and len(rest) == 1:
        unknown = [path]  # a value that names nothing of the stack, and yet is made from one resource of it
    if len(unknown) == len(rest):
        found |= dict(zip(unknown, rest, strict=True))
        rest = ()
    for place, item in items:
        if item is not None and (is_unknown(item) or item != ""):
            yield ResolvedReference(place, item, found[place], rest)


def _by_value(stack: Stack, value: object, type_: str) -> Resource | None:
    if isinstance(value, Reference):
        return stack.by_urn.get(value.urn)
    if not isinstance(value, str) or ":iam::aws:" in value:  # AWS's own policies are of no stack
        return None
    found = stack.find(value, type_)
    arn = found.get("arn") if found is not None and value.startswith("arn:") else None
    return None if isinstance(arn, str) and arn != value else found  # one of that name in another account
