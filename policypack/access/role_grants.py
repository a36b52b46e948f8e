"""What the roles of a stack may do: their documents, wherever in the program they are attached.

A document counts for a role by the role's name or ARN where that is known, and by the engine's dependencies where it
is not. What cannot be told leaves a document that is not known, so that the role's grants are open.
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
    """A document of a role, with the resource and the property that hold it, or that name it where it is elsewhere.

    `arn`: of a managed policy that is not in the stack; its document is known where it is one of AWS's common ones.
    """

    holder: Resource
    path: str
    arn: str = ""

    @property
    def known(self) -> bool:
        """Whether the whole document is known."""
        return not (self.document.is_unknown or self.document.unknown_places)


class RolePermissions(msgspec.Struct, frozen=True, eq=False):
    """What one role may do, and which documents say so. `boundary` is None where it has none."""

    role: Resource
    documents: tuple[RoleDocument, ...]
    boundary: tuple[RoleDocument, ...] | None
    grants: Grants

    def document_of(self, found: Grant | EffectiveGrant | Denial) -> RoleDocument:
        """The document that a grant or a denial comes from."""
        name = found.grant.document if isinstance(found, EffectiveGrant) else found.document
        return next(held for held in (*self.documents, *(self.boundary or ())) if held.name == name)

    def at(self, found: Grant | EffectiveGrant | Denial, element: str = "") -> Location:
        """Where in the program it stands: `at(grant)` is its action, `at(reach)` its resource.

        `element` names one of the statement instead, as `Action`.
        """
        held = self.document_of(found)
        if held.arn:
            return held.holder.at(held.path)  # the document itself is nowhere in the program
        statement = found.grant.statement if isinstance(found, EffectiveGrant) else found.statement
        place = statement.place if isinstance(found, Denial) else found.place
        return held.holder.at(f"{held.path}.{f'{statement.place}.{element}' if element else place}")

    def raise_if_incomplete(self) -> None:
        """Raise `Undecided` where a document of the program is not wholly known: it may grant more than was judged."""
        held = next((held for held in self.documents if not held.arn and not held.known), None)
        if held is not None:
            raise Undecided(held.path)

    def why_incomplete(self) -> Undecided:
        """Why the role may have more grants than are known; to raise where that decides."""
        for held in self.documents:
            if not held.known or held.document.invalid:
                return Undecided(held.path)
        return Undecided(PERMISSIONS_BOUNDARY)


def documents_of(stack: Stack, role: Resource) -> tuple[RoleDocument, ...]:
    """Every document that is attached to a role, in the order in which the program registers them."""
    return permissions_of(stack, role).documents


def grants_of(stack: Stack, role: Resource) -> Grants:
    """What a role may do, by all its documents together."""
    return permissions_of(stack, role).grants


def permissions_of(stack: Stack, role: Resource) -> RolePermissions:
    """What a role may do and by which documents. Worked out once a role, for every rule that asks."""
    return stack.cached(_Roles).permissions_of(role)


class _Roles:
    """The permissions of the roles of a stack that were asked about so far."""

    def __init__(self, stack: Stack) -> None:
        self._attachments = RoleAttachments(stack)
        self._rights: dict[str, RolePermissions] = {}

    def permissions_of(self, role: Resource) -> RolePermissions:
        """What a role may do."""
        if (known := self._rights.get(role.urn)) is None:
            places, boundary = self._attachments.documents_of(role), self._attachments.boundary_of(role)
            names: set[str] = set()
            documents = tuple(_held(place, names) for place in places)
            limit = None if boundary is None else (_held(boundary, names),)
            known = self._rights[role.urn] = RolePermissions(role, documents, limit, _grants_of(documents, limit))
        return known


def _held(place: DocumentLocation, names: set[str]) -> RoleDocument:
    name = place.name if place.name not in names else f"{place.name} ({place.key})"
    names.add(name)
    if place.source is None:
        document = managed_policy_document(place.arn) or Document(is_unknown=True, unknown_places=(place.path,))
    else:
        document = parse_policy(place.source)
    return RoleDocument(name, document, place.holder, place.path, place.arn)
