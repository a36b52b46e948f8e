"""Which policy documents the program attaches to each role, and where in the program they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from policypack.iam.managed_policies import is_aws_managed_policy
from policypack.model import (
    POLICY,
    ROLE,
    ROLE_POLICIES_EXCLUSIVE,
    ROLE_POLICY,
    Reference,
    is_unknown,
)
from policypack.model.arn import is_arn
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
    """Where a policy document of a role is.

    `name`: for messages. `key`: identifies it among the role's documents. `holder.get(path)` is `source`: the document,
    or None where it is not in the program. `arn`: of a managed policy that is not in the stack, else empty.
    """

    name: str
    key: str
    holder: Resource
    path: str
    source: Any = None
    arn: str = ""


class RoleAttachments:
    """The policy documents of all roles of a stack, collected in one pass over the resources that attach them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._inline: dict[str, list[DocumentLocation]] = {}
        self._managed: dict[str, list[DocumentLocation]] = {}
        self._exclusive: dict[str, list[DocumentLocation]] = {}
        self._unknown_role: list[DocumentLocation] = []
        for policy in stack.of_type(ROLE_POLICY):
            name = policy.get("name")
            key = name if isinstance(name, str) else policy.urn
            location = DocumentLocation(f"inline policy {policy.name}", key, policy, "policy", policy.get("policy"))
            self._add(self._inline, policy, INLINE_POLICIES[ROLE_POLICY], [location])
        for type_, paths in ROLE_ATTACHMENTS.items():
            for attachment in stack.of_type(type_):
                self._add(self._managed, attachment, paths.roles, list(self._policies(attachment, paths.policies)))
        for exclusive in stack.of_type(ROLE_POLICIES_EXCLUSIVE):
            path = INLINE_POLICIES[ROLE_POLICIES_EXCLUSIVE]
            self._add(self._exclusive, exclusive, path, list(_exclusive_policies(exclusive)))

    def documents_of(self, role: Resource) -> list[DocumentLocation]:
        """The documents of a role: inline policies, then managed policies, then those that may be any role's.

        A role has one inline policy of a name, and each managed policy once, even where several resources attach it:
        the provider also reads into a role's own properties what other resources attach to it.
        """
        inline = {location.key: location for location in _inline(role)}
        inline |= {location.key: location for location in self._inline.get(role.urn, ())}
        if all(not is_unknown(location.holder.get("name")) for location in inline.values()):
            for location in self._exclusive.get(role.urn, ()):
                inline.setdefault(location.key, location)
        managed = [*self._policies(role, MANAGED_POLICIES), *self._managed.get(role.urn, ())]
        unique = {location.key: location for location in managed}
        return [*inline.values(), *unique.values(), *self._unknown_role]

    def boundary_of(self, role: Resource) -> DocumentLocation | None:
        """The permissions boundary of a role."""
        return next(self._policies(role, PERMISSIONS_BOUNDARY), None)

    def _add(
        self, locations: dict[str, list[DocumentLocation]], holder: Resource, to: str, found: list[DocumentLocation]
    ) -> None:
        """Add documents to the roles that a property names; an unknown one to all that it may name."""
        for role in resolve_references(self._stack, holder, to, ROLE):
            if role.resource is not None:
                locations.setdefault(role.resource.urn, []).extend(found)
            elif is_unknown(role.value):
                unknown = DocumentLocation(
                    f"what {holder.name} attaches", f"{holder.urn} {role.path}", holder, role.path
                )
                for candidate in role.candidates:
                    locations.setdefault(candidate.urn, []).append(unknown)
                if not role.candidates:
                    self._unknown_role.append(unknown)

    def _policies(self, holder: Resource, path: str) -> Iterator[DocumentLocation]:
        """The managed policies that a property names."""
        for reference in resolve_references(self._stack, holder, path, POLICY):
            policy, value = reference.resource, reference.value
            if policy is not None:
                yield DocumentLocation(f"policy {policy.name}", policy.urn, policy, "policy", policy.get("policy"))
            elif isinstance(value, str):
                yield DocumentLocation(
                    f"managed policy {value.rpartition('/')[2]}", value, holder, reference.path, arn=value
                )
            else:
                yield DocumentLocation(
                    f"a policy of {holder.name}", f"{holder.urn} {reference.path}", holder, reference.path
                )


def _inline(role: Resource) -> Iterator[DocumentLocation]:
    """The inline policies in the properties of a role."""
    if is_unknown(role.get("inlinePolicies")):
        yield DocumentLocation("inline policies", "inlinePolicies", role, "inlinePolicies")
        return
    for index, policy in enumerate(role.each("inlinePolicies")):
        name, path = policy.get("name"), f"inlinePolicies[{index}].policy"
        if is_unknown(policy.value) or policy.has("policy"):
            key = name if isinstance(name, str) else path
            yield DocumentLocation(f"inline policy {key}", key, role, path, policy.get("policy"))


def _exclusive_policies(exclusive: Resource) -> Iterator[DocumentLocation]:
    """The inline policies that an exclusive list keeps; the documents of those not in the program are unknown."""
    names = exclusive.get("policyNames", ())
    for index, name in enumerate(() if is_unknown(names) else names):
        if isinstance(name, str):
            yield DocumentLocation(f"inline policy {name}", name, exclusive, f"policyNames[{index}]")


class ResolvedReference(msgspec.Struct, frozen=True, eq=False):
    """One value of a property that refers to a resource, and what it refers to.

    `path`: of the value. `resource`: of the stack; None where it is not in the stack, or where the value is not known
    and may refer to any of the `candidates` (of none: to any resource of the type).
    """

    path: str
    value: Any
    resource: Resource | None = None
    candidates: tuple[Resource, ...] = ()


def resolve_references(stack: Stack, holder: Resource, path: str, type_: str) -> Iterator[ResolvedReference]:
    """What each value of a property refers to: told by the value, else by the engine's property dependencies."""
    value = holder.get(path)
    items = [(path, value)]
    if isinstance(value, list):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    found = {location: _by_value(stack, item, type_) for location, item in items}
    known = {other.urn for other in found.values() if other is not None}
    dependencies = [other for other in stack.dependencies_of(holder, path) if other.type == type_]
    rest = tuple(other for other in dependencies if other.urn not in known)
    unknown = [location for location, item in items if is_unknown(item)]
    if not isinstance(value, list) and len(rest) == 1:
        unknown = [path]  # names no resource of the stack, but was made from one
    if len(unknown) == len(rest):
        found |= dict(zip(unknown, rest, strict=True))
        rest = ()
    for location, item in items:
        if item is not None and (is_unknown(item) or item != ""):
            yield ResolvedReference(location, item, found[location], rest)


def _by_value(stack: Stack, value: object, type_: str) -> Resource | None:
    if isinstance(value, Reference):
        return stack.by_urn.get(value.urn)
    if not isinstance(value, str) or is_aws_managed_policy(value):  # which is in no stack
        return None
    found = stack.find(value, type_)
    arn = found.get("arn") if found is not None and is_arn(value) else None
    return None if isinstance(arn, str) and arn != value else found  # otherwise of the same name in another account
