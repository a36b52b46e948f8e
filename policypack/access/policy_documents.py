"""The identity-based policy documents of a stack, and what their statements allow after denials and boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from policypack.access.role_grants import RoleDocument, RolePermissions, permissions_of
from policypack.iam.documents import parse_policy
from policypack.iam.effective_statements import effective_statements
from policypack.iam.elements import AttachedPolicy, Document, Statement
from policypack.iam.grants import Grants, grants_of
from policypack.model import (
    GROUP_POLICY_ATTACHMENT,
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    ROLE_POLICY,
    USER_POLICY_ATTACHMENT,
    DeferredUndecided,
)
from policypack.model.policy_attachments import ATTACHING_PROPERTIES, ATTACHMENTS, BOUNDED_TYPES, PERMISSIONS_BOUNDARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

IDENTITY_POLICY_HOLDERS: Final = (ROLE, ROLE_POLICY, POLICY)
"""The types that hold identity-based policy documents."""

_SHARED_ATTACHMENTS: Final = (POLICY_ATTACHMENT, USER_POLICY_ATTACHMENT, GROUP_POLICY_ATTACHMENT)
"""The types that can attach a managed policy to users or groups, who may have no boundary and no Deny."""


class EffectiveDocument(msgspec.Struct, frozen=True, eq=False):
    """A policy document of a resource, and what of it takes effect.

    `path`: of the property that holds the document. `allow_statements`: what remains of its Allow statements after
    unconditional denials and permissions boundaries.
    """

    path: str
    document: Document
    allow_statements: tuple[Statement, ...]


def allow_statements(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement]]:
    """The Allow statements of a resource that take effect, each with the path of the property that holds its document.

    A statement lacks what other documents of its role deny and what a known permissions boundary does not allow, unless
    another role has it without these limits. Statements that IAM rejects are left out. Raises `Undecided` at the end if
    part of a document is unknown.
    """
    undecided = DeferredUndecided()
    for held in effective_documents(holder, stack):
        if held.document.is_unknown:
            undecided.replace(held.path)
        yield from ((held.path, statement) for statement in held.allow_statements)
        for statement in held.document.statements:
            if statement.effect is None and not statement.invalid:
                undecided.replace(f"{held.path}.{statement.place}.Effect")
    undecided.raise_noted()


def allow_statements_by_action(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement]]:
    """The same, for rules about certain actions: raises `Undecided` at the end also if an action is unknown."""
    undecided = DeferredUndecided()
    for path, statement in allow_statements(holder, stack):
        yield path, statement
        undecided.note(next((f"{path}.{one.place}" for one in statement.actions if one.value is None), None))
    undecided.raise_noted()


def effective_documents(holder: Resource, stack: Stack) -> tuple[EffectiveDocument, ...]:
    """The policy documents of a resource; none for a policy that is only used as a permissions boundary."""
    return stack.cached(_Documents).of(holder) if stack.complete else tuple(_documents_so_far(holder, stack))


def policy_documents(holder: Resource, stack: Stack) -> Iterator[EffectiveDocument]:
    """The same, for rules about all that a document says: raises `Undecided` at the end if part of one is unknown."""
    undecided = DeferredUndecided()
    for held in effective_documents(holder, stack):
        yield held
        if held.document.unknown_places:
            place = "" if held.document.is_unknown else f".{held.document.unknown_places[0]}"
            undecided.replace(f"{held.path}{place}")
    undecided.raise_noted()


def _documents_so_far(holder: Resource, stack: Stack) -> Iterator[EffectiveDocument]:
    """The documents of a resource while the program still registers resources: those that only a later Deny can limit.

    A managed policy may still become a permissions boundary, and a role with a boundary may do less than its documents
    allow: both are left out.
    """
    role = stack.linked(holder, "role", ROLE) if holder.type == ROLE_POLICY else holder
    if holder.type == POLICY or role is None or role.has(PERMISSIONS_BOUNDARY):
        return
    for path in _document_paths(holder):
        document = parse_policy(holder.get(path))
        unattached = [(document, grants_of([AttachedPolicy("", document)]))]
        remaining = [
            part
            for index, statement in enumerate(document.statements)
            if statement.is_allow and not statement.invalid and not document.invalid
            for part in _remaining_parts(index, statement, unattached)
        ]
        yield EffectiveDocument(path, document, tuple(remaining))


def roles_attached_to(holder: Resource, stack: Stack) -> tuple[RolePermissions, ...]:
    """The permissions of the roles of the stack that have a document of this resource."""
    return stack.cached(_Documents).roles_attached_to(holder)


class _Documents:
    """The documents that were asked about so far, and the roles that have each document."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._unattached_boundaries = _unattached_boundaries(stack)
        self._shared = {
            policy.urn
            for resource in stack.of_type(*_SHARED_ATTACHMENTS)
            for policy in _policies_at(stack, resource, ATTACHMENTS[resource.type].policies)
            if resource.type != POLICY_ATTACHMENT or resource.has("users") or resource.has("groups")
        }
        self._owners: dict[tuple[str, str], list[tuple[RolePermissions, RoleDocument]]] = {}
        for role in stack.of_type(ROLE):
            permissions = permissions_of(stack, role)
            for held in permissions.documents:
                self._owners.setdefault((held.holder.urn, held.path), []).append((permissions, held))
        self._known: dict[str, tuple[EffectiveDocument, ...]] = {}

    def of(self, holder: Resource) -> tuple[EffectiveDocument, ...]:
        if (known := self._known.get(holder.urn)) is None:
            bounds = holder.type == POLICY and holder.urn in self._unattached_boundaries
            known = () if bounds else tuple(self._effective_document(holder, path) for path in _document_paths(holder))
            self._known[holder.urn] = known
        return known

    def roles_attached_to(self, holder: Resource) -> tuple[RolePermissions, ...]:
        found = {
            id(permissions): permissions
            for path in _document_paths(holder)
            for permissions, _ in self._owners.get((holder.urn, path), ())
        }
        return tuple(found.values())

    def _effective_document(self, holder: Resource, path: str) -> EffectiveDocument:
        owners = [
            (held.document, _certain_grants(permissions))
            for permissions, held in self._owners.get((holder.urn, path), ())
        ]
        if not owners or holder.urn in self._shared:
            document = parse_policy(holder.get(path))
            owners.append((document, grants_of([AttachedPolicy("", document)])))
        document = owners[0][0]
        remaining: list[Statement] = []
        for index, statement in enumerate(document.statements):
            if statement.is_allow and not statement.invalid and not document.invalid:
                remaining += _remaining_parts(index, statement, owners)
        return EffectiveDocument(path, document, tuple(remaining))


def _remaining_parts(index: int, statement: Statement, owners: list[tuple[Document, Grants]]) -> list[Statement]:
    """What remains of a statement after the limits of each role that has it; the whole if one role has no limits."""
    found: list[Statement] = []
    for document, grants in owners:
        own = document.statements[index]
        parts = effective_statements(own, grants)
        if parts == (own,):
            return [statement]
        found += parts
    return found


def _certain_grants(permissions: RolePermissions) -> Grants:
    """The grants of a role. An unknown boundary is ignored: it does not excuse a document that allows too much."""
    if permissions.boundary is None or all(held.known and not held.document.invalid for held in permissions.boundary):
        return permissions.grants
    return msgspec.structs.replace(permissions.grants, boundary=None)


def _document_paths(holder: Resource) -> Iterator[str]:
    if holder.type == ROLE:
        yield from (inline.at("policy").path for inline in holder.each("inlinePolicies") if inline.has("policy"))
    else:
        yield "policy"


def _unattached_boundaries(stack: Stack) -> frozenset[str]:
    """The URNs of policies that are the permissions boundary of a role or user, and are not attached to anybody."""
    bounding: set[str] = set()
    for resource in stack.of_type(*BOUNDED_TYPES):
        bounding.update(policy.urn for policy in _policies_at(stack, resource, PERMISSIONS_BOUNDARY))
    attached: set[str] = set()
    for type_, path in ATTACHING_PROPERTIES:
        for resource in stack.of_type(type_):
            attached.update(policy.urn for policy in _policies_at(stack, resource, path))
    return frozenset(bounding - attached)


def _policies_at(stack: Stack, resource: Resource, path: str) -> Iterator[Resource]:
    """The managed policies of the stack that a property names or depends on."""
    yield from (maker for maker in stack.dependencies_of(resource, path) if maker.type == POLICY)
    value = resource.get(path)
    for arn in value if isinstance(value, list) else [value]:
        if isinstance(arn, str) and (policy := stack.find(arn, POLICY)) is not None:
            yield policy
