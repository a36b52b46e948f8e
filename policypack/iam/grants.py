"""What a set of documents lets a principal do: what they allow, less what they deny, within a boundary.

Kept as what the statements say (patterns and conditions), since the requests they will meet are not known. A denial
counts where it has no condition: one that has may spare any single request. A document that is not known at all may
grant more (`open`); that it might deny is not held against the others, or nothing could be said before it is known.
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
    """One action (pattern) of an Allow statement. `action` is `*` where the statement lists `NotAction`.

    `certain` is False where the statement's effect is not known, or IAM would refuse the statement.
    """

    action: str
    resources: tuple[Entry, ...]
    place: str
    document: str
    statement: Statement
    certain: bool = True

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The statement's conditions."""
        return self.statement.conditions

    def applies_to(self, action: str) -> bool:
        """Whether the grant is about an action, or some action that a pattern matches."""
        if not overlaps_action(self.action, action):
            return False
        return not any(entry.value and covers_action(entry.value, action) for entry in self.statement.not_actions)


class EffectiveGrant(msgspec.Struct, frozen=True, eq=False):
    """Where one grant lets its holder act: `action` and `resource` as narrow as question, grant and boundary make them.

    `resource` is None where it is not known. `certain` is False where a part that is not known may take it away.
    """

    grant: Grant
    action: str
    resource: str | None
    place: str
    conditions: tuple[Condition, ...]
    certain: bool


class Grants(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """All that a principal may do. `open`: parts that are not known, or not readable, may grant more."""

    grants: tuple[Grant, ...]
    denials: tuple[Denial, ...]
    boundary: Grants | None
    may_grant_more: bool
    by_action: dict[str, list[Grant]]
    with_wildcards: tuple[Grant, ...]

    def matching(self, action: str, resource: str | None = None) -> Iterator[EffectiveGrant]:
        """Where the principal may do an action (or one that a pattern matches), on a resource or on any."""
        for grant in self._grants_about(action):
            narrow = _narrower_action(action, grant.action)
            for entry in grant.resources:
                yield from self._effective_grants(grant, narrow, entry, resource)

    def allows(self, action: str, resource: str | None = None) -> bool | None:
        """Whether the principal may do the action on (something of) the resource, if conditions are met.

        None where a part that is not known decides.
        """
        unsure = self.may_grant_more
        for found in self.matching(action, resource):
            if found.certain and found.resource is not None:
                return True
            unsure = True
        return None if unsure else False

    def effective_grants(self) -> Iterator[EffectiveGrant]:
        """Every grant with each of its resources, less what is wholly denied or outside the boundary."""
        for grant in self.grants:
            for entry in grant.resources:
                yield from self._effective_grants(grant, grant.action, entry, None)

    def effective_grants_of(self, statement: Statement) -> Iterator[EffectiveGrant]:
        """The same for one of the statements."""
        for grant in self.grants:
            if grant.statement is statement:
                for entry in grant.resources:
                    yield from self._effective_grants(grant, grant.action, entry, None)

    def partial_denials(self, found: EffectiveGrant) -> tuple[Denial, ...]:
        """The denials that take a part of what was found, though not all of it."""
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

    def _within_boundary(self, limit: Grants, found: EffectiveGrant) -> Iterator[EffectiveGrant]:
        """What a boundary leaves: nothing where it allows nothing of it, else the narrower of the two."""
        inside = [item for item in limit.matching(found.action, found.resource) if item.resource is not None]
        for item in inside:
            if item.certain and not item.conditions and item.action == found.action and item.resource == found.resource:
                yield found  # wholly within
                return
        for item in inside:
            conditions = (*found.conditions, *item.conditions)
            certain = found.certain and item.certain
            yield EffectiveGrant(found.grant, item.action, item.resource, found.place, conditions, certain)
        if not inside and limit.allows(found.action, found.resource) is None:
            yield EffectiveGrant(
                found.grant, found.action, found.resource, found.place, found.conditions, certain=False
            )


def grants_of(documents: Sequence[AttachedPolicy], boundary: Sequence[AttachedPolicy] | None = None) -> Grants:
    """The grants of a principal that has these documents attached, within a boundary if there is one."""
    grants: list[Grant] = []
    denials: list[Denial] = []
    more = False
    for attached in documents:
        document = attached.document
        more = more or document.is_unknown or document.invalid
        for statement in document.statements:
            if not statement.is_allow and not statement.conditions:
                denials.append(Denial(statement, attached.name))
            if not statement.is_deny:
                made = list(_grants_of_statement(statement, attached.name))
                grants += made
                more = more or any(entry.value is None for entry in statement.actions)
                more = more or (statement.invalid and not (made and statement.resources))
    limit = None if boundary is None else grants_of(boundary)
    if limit is not None:
        denials += limit.denials
    exact: dict[str, list[Grant]] = {}
    wide: list[Grant] = []
    for grant in grants:
        if is_pattern(grant.action):
            wide.append(grant)
        else:
            exact.setdefault(grant.action.lower(), []).append(grant)
    return Grants(
        grants=tuple(grants),
        denials=tuple(denials),
        boundary=limit,
        may_grant_more=more,
        by_action=exact,
        with_wildcards=tuple(wide),
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


def _narrower_action(asked: str, granted: str) -> str:
    return granted if is_pattern(asked) and covers_action(asked, granted) else asked


def _narrower_resource(asked: str, granted: str) -> str:
    if not is_pattern(asked) or covers_resource(granted, asked):
        return asked
    return granted
