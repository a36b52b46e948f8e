"""The permissions of the roles of a stack: all policy documents that the program attaches to each role.

An attachment refers to its role by name or ARN, or, while these are unknown, by the engine's property dependencies. An
attachment that cannot be resolved counts as an unknown document, so that the role may have more grants than are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from policypack.access.attachments import DocumentLocation, RoleAttachments
from policypack.iam.denials import Denial
from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy, Document
from policypack.iam.grants import EffectiveGrant, Grant, Grants
from policypack.iam.grants import grants_of as _grants_of
from policypack.iam.managed_policies import managed_policy_document
from policypack.model import Undecided
from policypack.model.policy_attachments import PERMISSIONS_BOUNDARY

if TYPE_CHECKING:
    from policypack.model import Location, Resource, Stack

__all__ = ["RoleDocument", "RolePermissions", "documents_of", "grants_of", "permissions_of"]


class RoleDocument(AttachedPolicy, frozen=True, eq=False):
    """A policy document of a role.

    `holder` and `path`: the resource and the property that hold it, or that name it where it is not in the stack.
    `arn`: of a managed policy that is not in the stack, else empty; documents of some AWS managed policies are known.
    """

    holder: Resource
    path: str
    arn: str = ""

    @property
    def known(self) -> bool:
        """Whether the whole document is known."""
        return not (self.document.is_unknown or self.document.unknown_places)


class RolePermissions(msgspec.Struct, frozen=True, eq=False):
    """The permissions of a role, and the documents that grant them. `boundary`: None where it has none."""

    role: Resource
    documents: tuple[RoleDocument, ...]
    boundary: tuple[RoleDocument, ...] | None
    grants: Grants

    def document_of(self, found: Grant | EffectiveGrant | Denial) -> RoleDocument:
        """The document that contains a grant or a denial."""
        name = found.grant.document if isinstance(found, EffectiveGrant) else found.document
        return next(document for document in (*self.documents, *(self.boundary or ())) if document.name == name)

    def at(self, found: Grant | EffectiveGrant | Denial, element: str = "") -> Location:
        """Where in the program it is: the action of a grant, the resource of an effective grant, a denying statement.

        `element`: an element of the statement to point at instead, as `Action`.
        """
        document = self.document_of(found)
        if document.arn:
            return document.holder.at(document.path)  # the document is not in the program
        statement = found.grant.statement if isinstance(found, EffectiveGrant) else found.statement
        place = statement.place if isinstance(found, Denial) else found.place
        return document.holder.at(f"{document.path}.{f'{statement.place}.{element}' if element else place}")

    def raise_if_incomplete(self) -> None:
        """Raise `Undecided` if a part of a document in the program is unknown: it may grant more than was judged."""
        document = next((document for document in self.documents if not document.arn and not document.known), None)
        if document is not None:
            raise Undecided(document.path)

    def why_incomplete(self) -> Undecided:
        """The reason why the role may have more grants than are known, to raise or yield where that decides."""
        for document in self.documents:
            if not document.known or document.document.invalid:
                return Undecided(document.path)
        return Undecided(PERMISSIONS_BOUNDARY)


def documents_of(stack: Stack, role: Resource) -> tuple[RoleDocument, ...]:
    """The policy documents of a role: inline policies, then managed policies."""
    return permissions_of(stack, role).documents


def grants_of(stack: Stack, role: Resource) -> Grants:
    """What all documents of a role grant together."""
    return permissions_of(stack, role).grants


def permissions_of(stack: Stack, role: Resource) -> RolePermissions:
    """The permissions of a role, and the documents that grant them; computed once for all rules."""
    return stack.cached(_Roles).permissions_of(role)


class _Roles:
    """The permissions of the roles of a stack that were asked about so far."""

    def __init__(self, stack: Stack) -> None:
        self._attachments = RoleAttachments(stack)
        self._permissions: dict[str, RolePermissions] = {}

    def permissions_of(self, role: Resource) -> RolePermissions:
        """The permissions of a role."""
        if (known := self._permissions.get(role.urn)) is None:
            locations, boundary = self._attachments.documents_of(role), self._attachments.boundary_of(role)
            names: set[str] = set()
            documents = tuple(_role_document(location, names) for location in locations)
            boundary_documents = None if boundary is None else (_role_document(boundary, names),)
            known = self._permissions[role.urn] = RolePermissions(
                role, documents, boundary_documents, _grants_of(documents, boundary_documents)
            )
        return known


def _role_document(location: DocumentLocation, names: set[str]) -> RoleDocument:
    name = location.name if location.name not in names else f"{location.name} ({location.key})"
    names.add(name)
    if location.source is None:
        document = managed_policy_document(location.arn) or Document(is_unknown=True, unknown_places=(location.path,))
    else:
        document = parse_policy(location.source)
    return RoleDocument(name, document, location.holder, location.path, location.arn)
