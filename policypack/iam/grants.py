"""The effective grants of a principal: what its policies allow, except what is denied or outside the boundary.

Grants keep the patterns and conditions of the statements, because the requests are not known. Only Deny statements
without conditions remove grants; a conditional one may not apply to a given request. A document that is not known may
grant more (`may_grant_more`). That it may also deny is ignored, because otherwise no grant could be reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from policypack.iam.denials import Denial
from policypack.iam.matching import (
    covers_action,
    covers_resource,
    is_pattern,
    overlaps_action,
    overlaps_resource,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.iam.elements import AttachedPolicy, Condition, Entry, Statement


class Grant(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One action, or pattern for actions, of an Allow statement. `action` is `*` if the statement has `NotAction`.

    `certain` is False if the effect of the statement is not known or IAM would reject the statement.
    """

    action: str
    resources: tuple[Entry, ...]
    place: str
    document: str
    statement: Statement
    certain: bool = True

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the statement."""
        return self.statement.conditions

    def applies_to(self, action: str) -> bool:
        """Whether the grant includes the action, or some action that the pattern matches."""
        if not overlaps_action(self.action, action):
            return False
        return not any(entry.value and covers_action(entry.value, action) for entry in self.statement.not_actions)


class EffectiveGrant(msgspec.Struct, frozen=True, eq=False):
    """The effective part of one grant: an action and a resource that the query, the grant and the boundary all include.

    `resource` is None if it is not known. `certain` is False if an unknown part may remove the grant.
    """

    grant: Grant
    action: str
    resource: str | None
    place: str
    conditions: tuple[Condition, ...]
    certain: bool


class Grants(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """All grants of a principal. `may_grant_more`: documents or actions that are unknown or invalid may grant more.

    `by_action` has the grants without wildcard by action in lower case, `with_wildcards` has the other grants.
    """

    grants: tuple[Grant, ...]
    denials: tuple[Denial, ...]
    boundary: Grants | None
    may_grant_more: bool
    by_action: dict[str, list[Grant]]
    with_wildcards: tuple[Grant, ...]

    def matching(self, action: str, resource: str | None = None) -> Iterator[EffectiveGrant]:
        """The effective grants for an action, or a pattern for actions, on a resource or on any resource."""
        for grant in self._grants_about(action):
            narrow = _narrower_action(action, grant.action)
            for entry in grant.resources:
                yield from self._effective_grants(grant, narrow, entry, resource)

    def allows(self, action: str, resource: str | None = None) -> bool | None:
        """Whether the principal may do the action on the resource, or a part of it, if all conditions are met.

        None if that depends on an unknown part.
        """
        unknown = self.may_grant_more
        for found in self.matching(action, resource):
            if found.certain and found.resource is not None:
                return True
            unknown = True
        return None if unknown else False

    def effective_grants(self) -> Iterator[EffectiveGrant]:
        """Every grant with each of its resources, except what is completely denied or outside the boundary."""
        for grant in self.grants:
            for entry in grant.resources:
                yield from self._effective_grants(grant, grant.action, entry, None)

    def effective_grants_of(self, statement: Statement) -> Iterator[EffectiveGrant]:
        """The effective grants of one of the statements."""
        for grant in self.grants:
            if grant.statement is statement:
                for entry in grant.resources:
                    yield from self._effective_grants(grant, grant.action, entry, None)

    def partial_denials(self, found: EffectiveGrant) -> tuple[Denial, ...]:
        """The Deny statements that remove a part of an effective grant, but not all of it."""
        if found.resource is None:
            return ()
        return tuple(denial for denial in self.denials if denial.denies_some(found.action, found.resource))

    def _grants_about(self, action: str) -> Iterator[Grant]:
        if is_pattern(action):
            yield from (grant for grant in self.grants if grant.applies_to(action))
            return
        yield from self.by_action.get(action.lower(), ())
        yield from (grant for grant in self.with_wildcards if grant.applies_to(action))

    def _effective_grants(
        self, grant: Grant, action: str, entry: Entry, resource: str | None
    ) -> Iterator[EffectiveGrant]:
        pattern = entry.value
        if pattern is None:
            yield EffectiveGrant(grant, action, None, entry.place, grant.conditions, certain=False)
            return
        if resource is not None:
            if not overlaps_resource(pattern, resource):
                return
            pattern = _narrower_resource(resource, pattern)
        if any(item.value and covers_resource(item.value, pattern) for item in grant.statement.not_resources):
            return
        certain = grant.certain
        for denial in self.denials:
            denied = denial.denies_all(action, pattern)
            if denied:
                return
            certain = certain and denied is not None
        if self.boundary is None:
            yield EffectiveGrant(grant, action, pattern, entry.place, grant.conditions, certain)
        else:
            yield from self._within_boundary(
                self.boundary, EffectiveGrant(grant, action, pattern, entry.place, grant.conditions, certain)
            )

    def _within_boundary(self, boundary: Grants, found: EffectiveGrant) -> Iterator[EffectiveGrant]:
        """The part of a grant that the permissions boundary allows."""
        inside = [item for item in boundary.matching(found.action, found.resource) if item.resource is not None]
        for item in inside:
            if item.certain and not item.conditions and item.action == found.action and item.resource == found.resource:
                yield found  # the boundary allows all of it
                return
        for item in inside:
            conditions = (*found.conditions, *item.conditions)
            certain = found.certain and item.certain
            yield EffectiveGrant(found.grant, item.action, item.resource, found.place, conditions, certain)
        if not inside and boundary.allows(found.action, found.resource) is None:
            yield EffectiveGrant(
                found.grant, found.action, found.resource, found.place, found.conditions, certain=False
            )


def grants_of(documents: Sequence[AttachedPolicy], boundary: Sequence[AttachedPolicy] | None = None) -> Grants:
    """The grants of a principal with these policies attached, within a permissions boundary if there is one."""
    grants: list[Grant] = []
    denials: list[Denial] = []
    may_grant_more = False
    for attached in documents:
        document = attached.document
        may_grant_more = may_grant_more or document.is_unknown or document.invalid
        for statement in document.statements:
            if not statement.is_allow and not statement.conditions:
                denials.append(Denial(statement, attached.name))
            if not statement.is_deny:
                of_statement = list(_grants_of_statement(statement, attached.name))
                grants += of_statement
                may_grant_more = may_grant_more or any(entry.value is None for entry in statement.actions)
                may_grant_more = may_grant_more or (statement.invalid and not (of_statement and statement.resources))
    boundary_grants = None if boundary is None else grants_of(boundary)
    if boundary_grants is not None:
        denials += boundary_grants.denials
    by_action: dict[str, list[Grant]] = {}
    with_wildcards: list[Grant] = []
    for grant in grants:
        if is_pattern(grant.action):
            with_wildcards.append(grant)
        else:
            by_action.setdefault(grant.action.lower(), []).append(grant)
    return Grants(
        grants=tuple(grants),
        denials=tuple(denials),
        boundary=boundary_grants,
        may_grant_more=may_grant_more,
        by_action=by_action,
        with_wildcards=tuple(with_wildcards),
    )


def _grants_of_statement(statement: Statement, document: str) -> Iterator[Grant]:
    certain = statement.is_allow and not statement.invalid
    resources = statement.resources
    if statement.not_resources:
        resources = (msgspec.structs.replace(statement.not_resources[0], value="*"),)
    actions = statement.actions
    if statement.not_actions:
        actions = (msgspec.structs.replace(statement.not_actions[0], value="*"),)
    for entry in actions:
        if entry.value is not None:
            yield Grant(
                action=entry.value,
                resources=resources,
                place=entry.place,
                document=document,
                statement=statement,
                certain=certain,
            )


def _narrower_action(queried: str, granted: str) -> str:
    return granted if is_pattern(queried) and covers_action(queried, granted) else queried


def _narrower_resource(queried: str, granted: str) -> str:
    if not is_pattern(queried) or covers_resource(granted, queried):
        return queried
    return granted
