"""Where the policy documents of a stack live, and what their statements allow in effect."""

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
"""The resources that hold the documents of roles."""

_TO_OTHERS: Final = (POLICY_ATTACHMENT, USER_POLICY_ATTACHMENT, GROUP_POLICY_ATTACHMENT)
"""What attaches a managed policy to users or groups."""


class EffectiveDocument(msgspec.Struct, frozen=True, eq=False):
    """One document of a holder: the property it stands in, what it says, and the statements that allow in effect."""

    path: str
    document: Document
    allow_statements: tuple[Statement, ...]


def allow_statements(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement]]:
    """The statements that certainly allow something, with the property their document stands in.

    Each is less what the documents beside it deny and what a known permissions boundary leaves out, for every role
    that has it. What IAM would refuse is left out: it grants nothing. Raises `Undecided` at the end where part of it
    is not known.
    """
    undecided = DeferredUndecided()
    for text in effective_documents(holder, stack):
        if text.document.is_unknown:
            undecided.replace(text.path)
        yield from ((text.path, statement) for statement in text.allow_statements)
        for statement in text.document.statements:
            if statement.effect is None and not statement.invalid:
                undecided.replace(f"{text.path}.{statement.place}.Effect")
    undecided.raise_noted()


def allow_statements_by_action(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement]]:
    """The same, for a rule that looks for certain actions: also undecided at the end where one is not known."""
    undecided = DeferredUndecided()
    for path, statement in allow_statements(holder, stack):
        yield path, statement
        undecided.note(next((f"{path}.{one.place}" for one in statement.actions if one.value is None), None))
    undecided.raise_noted()


def effective_documents(holder: Resource, stack: Stack) -> tuple[EffectiveDocument, ...]:
    """The documents that a resource holds; none of a policy that only limits what others grant."""
    return stack.cached(_Documents).of(holder) if stack.complete else tuple(_so_far(holder, stack))


def _so_far(holder: Resource, stack: Stack) -> Iterator[EffectiveDocument]:
    """The documents of a holder while resources still register: those that nothing but a later Deny can narrow.

    A policy may yet become somebody's boundary, and a role that has a boundary may do less than its documents say.
    """
    role = stack.linked(holder, "role", ROLE) if holder.type == ROLE_POLICY else holder
    if holder.type == POLICY or role is None or role.has(PERMISSIONS_BOUNDARY):
        return
    for path in _places(holder):
        document = parse_policy(holder.get(path))
        alone = [(document, grants_of([AttachedPolicy("", document)]))]
        left = [
            part
            for index, statement in enumerate(document.statements)
            if statement.is_allow and not statement.invalid and not document.invalid
            for part in _left(index, statement, alone)
        ]
        yield EffectiveDocument(path, document, tuple(left))


def roles_attached_to(holder: Resource, stack: Stack) -> tuple[RolePermissions, ...]:
    """The roles of the stack that have a document of the holder."""
    return stack.cached(_Documents).roles_attached_to(holder)


class _Documents:
    """The documents of a stack that were asked about so far, and whose they are."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._boundaries = _boundaries(stack)
        self._shared = {
            policy.urn
            for resource in stack.of_type(*_TO_OTHERS)
            for policy in _policies_at(stack, resource, ATTACHMENTS[resource.type].policies)
            if resource.type != POLICY_ATTACHMENT or resource.has("users") or resource.has("groups")
        }
        self._owners: dict[tuple[str, str], list[tuple[RolePermissions, RoleDocument]]] = {}
        for role in stack.of_type(ROLE):
            permissions = permissions_of(stack, role)
            for held in permissions.documents:
                self._owners.setdefault((held.holder.urn, held.path), []).append((permissions, held))
        self._texts: dict[str, tuple[EffectiveDocument, ...]] = {}

    def of(self, holder: Resource) -> tuple[EffectiveDocument, ...]:
        if (known := self._texts.get(holder.urn)) is None:
            bounds = holder.type == POLICY and holder.urn in self._boundaries
            known = () if bounds else tuple(self._text(holder, path) for path in _places(holder))
            self._texts[holder.urn] = known
        return known

    def roles_attached_to(self, holder: Resource) -> tuple[RolePermissions, ...]:
        found = {
            id(permissions): permissions
            for path in _places(holder)
            for permissions, _ in self._owners.get((holder.urn, path), ())
        }
        return tuple(found.values())

    def _text(self, holder: Resource, path: str) -> EffectiveDocument:
        settings = [
            (held.document, _certain(permissions)) for permissions, held in self._owners.get((holder.urn, path), ())
        ]
        if not settings or holder.urn in self._shared:
            document = parse_policy(holder.get(path))
            settings.append((document, grants_of([AttachedPolicy("", document)])))
        document = settings[0][0]
        left: list[Statement] = []
        for index, statement in enumerate(document.statements):
            if statement.is_allow and not statement.invalid and not document.invalid:
                left += _left(index, statement, settings)
        return EffectiveDocument(path, document, tuple(left))


def _left(index: int, statement: Statement, settings: list[tuple[Document, Grants]]) -> list[Statement]:
    """What is left of a statement with one of those who have it: the whole, if that is so with anybody."""
    found: list[Statement] = []
    for document, grants in settings:
        own = document.statements[index]
        parts = effective_statements(own, grants)
        if parts == (own,):
            return [statement]
        found += parts
    return found


def _certain(permissions: RolePermissions) -> Grants:
    """The grants of a role. A boundary that is not known is taken for none: it makes a wide document no narrower."""
    if permissions.boundary is None or all(held.known and not held.document.invalid for held in permissions.boundary):
        return permissions.grants
    return msgspec.structs.replace(permissions.grants, boundary=None)


def _places(holder: Resource) -> Iterator[str]:
    if holder.type == ROLE:
        yield from (inline.at("policy").path for inline in holder.each("inlinePolicies") if inline.has("policy"))
    else:
        yield "policy"


def _boundaries(stack: Stack) -> frozenset[str]:
    """The policies, by URN, that are the permissions boundary of a role or user, and attached to nobody."""
    bounding: set[str] = set()
    for resource in stack.of_type(*BOUNDED_TYPES):
        bounding.update(policy.urn for policy in _policies_at(stack, resource, PERMISSIONS_BOUNDARY))
    attached: set[str] = set()
    for type_, path in ATTACHING_PROPERTIES:
        for resource in stack.of_type(type_):
            attached.update(policy.urn for policy in _policies_at(stack, resource, path))
    return frozenset(bounding - attached)


def _policies_at(stack: Stack, resource: Resource, path: str) -> Iterator[Resource]:
    """The policies of this stack that a property names, or, where it is not known yet, is made from."""
    yield from (maker for maker in stack.dependencies_of(resource, path) if maker.type == POLICY)
    value = resource.get(path)
    for arn in value if isinstance(value, list) else [value]:
        if isinstance(arn, str) and (policy := stack.find(arn, POLICY)) is not None:
            yield policy
