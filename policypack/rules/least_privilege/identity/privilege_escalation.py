"""Roles that cannot make themselves stronger than they were made."""

from collections.abc import Iterator
from typing import Final

import msgspec

from policypack.access.arn_index import Owned
from policypack.access.policy_documents import HOLDERS, roles_with, texts
from policypack.access.role_grants import Rights, rights_of
from policypack.iam.elements import AttachedPolicy
from policypack.iam.grants import EffectiveGrant, grants_of
from policypack.iam.matching import matches_everything
from policypack.iam.privilege_comparison import additional_grant, additional_privileged_grant
from policypack.iam.privilege_escalation import PASS_ROLE, Escalation, IsMorePrivileged, find_escalations
from policypack.iam.wildcards import brief_list, is_service_wildcard
from policypack.model import POLICY, ROLE, Location, Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule

_OF_AWS: Final = ":iam::aws:policy/"
_MOST: Final = 2  # ways that one message spells out


@rule(
    on=HOLDERS,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    fix="Take one of the actions out of the policy argument, or name in its Resource something no stronger than this.",
)
def role_cannot_escalate_privileges(holder: Resource, stack: Stack) -> Findings:
    """A role that can change policies, or run something under a stronger role, has all that the strongest one has."""
    if holder.type == ROLE:
        rights = rights_of(stack, holder)
        strangers = [held for held in rights.documents if not held.known and _OF_AWS not in held.arn]
        yield from _judged(_Role(stack, rights))
        if strangers:
            yield Undecided(strangers[0].path)
    elif not roles_with(holder, stack):  # else it is judged with what else its roles have
        for text in texts(holder, stack):
            yield from _judged(_Alone(stack, holder, text.path, [AttachedPolicy("", text.document)]))
            if text.document.is_unknown:
                yield Undecided(text.path)


class Target(msgspec.Struct, frozen=True):
    """What a way leads to: a resource, and the role that works there or is passed on."""

    name: str
    role: str


class _Alone:
    """The holder of one document, whoever that will be."""

    def __init__(self, stack: Stack, holder: Resource, path: str, documents: list[AttachedPolicy]) -> None:
        self.stack, self.holder, self.path = stack, holder, path
        self.grants = grants_of(documents)
        self.targets: dict[tuple[str, str], Target] = {}
        self.broader: IsMorePrivileged | None = None

    def at(self, reach: EffectiveGrant) -> Location:
        """Where a grant stands."""
        return self.holder.at(f"{self.path}.{reach.grant.place}")

    def told_elsewhere(self, reach: EffectiveGrant) -> bool:
        """Whether the grant itself is a finding that says more: all of a service, or of everything."""
        return is_service_wildcard(reach.grant.action) or bool(reach.grant.statement.not_actions)


class _Role(_Alone):
    """A role of the stack with all its documents."""

    def __init__(self, stack: Stack, rights: Rights) -> None:
        super().__init__(stack, rights.role, "", [])
        self.rights, self.grants = rights, rights.grants
        self.broader = self._broader

    def at(self, reach: EffectiveGrant) -> Location:
        held = self.rights.held(reach)
        return held.holder.at(f"{held.path}.{reach.grant.place}" if not held.arn else held.path)

    def told_elsewhere(self, reach: EffectiveGrant) -> bool:
        return super().told_elsewhere(reach) or _OF_AWS in self.rights.held(reach).arn

    def _broader(self, action: str, resource: str) -> bool | None:
        """Whether something of the stack that is reached at a named resource is stronger than the role."""
        targets = self.stack.once(Owned).owners(resource)
        for target in targets:
            try:
                found = self._stronger(action, target)
            except Undecided:
                return None
            if found is not None:
                self.targets[action, resource] = found
                return True
        return False if targets else None

    def _stronger(self, action: str, target: Resource) -> Target | None:
        """What makes a resource of the stack worth taking over; None where it is not."""
        if action.startswith(("iam:", "sso:")) and action != PASS_ROLE:
            return self._own(target)
        role = target if target.type == ROLE else self.stack.role_of(target)
        if role is None or role.urn == self.holder.urn:
            return None
        compare = additional_privileged_grant if action == PASS_ROLE else additional_grant
        more = compare(rights_of(self.stack, role).grants, self.grants)
        return None if more is None else Target(target.name, f"role {role.name}, which may also {more.action}")

    def _own(self, target: Resource) -> Target | None:
        """The role itself, or a policy that it has."""
        if target.urn == self.holder.urn:
            return Target("itself", "")
        own = target.type == POLICY and any(held.holder.urn == target.urn for held in self.rights.documents)
        return Target(f"its own policy {target.name}", "") if own else None


def _judged(who: _Alone) -> Findings:
    """One finding for each statement that decides on a way, with the ways that it opens."""
    by_place: dict[tuple[str, str], tuple[Location, list[str]]] = {}
    for way in find_escalations(who.grants, who.broader):
        if all(map(who.told_elsewhere, way.grants)):
            continue
        if not way.certain:
            yield from _open(who, way)
            continue
        place = who.at(way.grants[0])
        by_place.setdefault((place.resource.urn, place.path), (place, []))[1].append(_spelt(who, way))
    for place, ways in by_place.values():
        more = f", and {len(ways) - _MOST} more" if len(ways) > _MOST else ""
        yield f"{'; '.join(ways[:_MOST])}{more}", place


def _open(who: _Alone, way: Escalation) -> Iterator[Undecided]:
    """A way that a part which is not known may open or close."""
    unsure = [reach for reach in way.grants if not reach.certain]
    if unsure:
        yield Undecided(who.at(unsure[0]).path)


def _spelt(who: _Alone, way: Escalation) -> str:
    """The way in words."""
    first, *rest = way.action_set.actions
    resource = way.grants[0].resource or "*"
    anything = "anything" if matches_everything(resource) else resource
    target = who.targets.get((first, resource)) or Target(
        anything, "any role" if way.any_target else f"role {resource}"
    )
    if way.action_set.kind == "new":
        service = way.action_set.service_principals[0].removesuffix(".amazonaws.com")
        return f"may pass {target.role} to {service} and run it by {brief_list(rest)}"
    together = f" (with {brief_list(rest)})" if rest else ""
    if way.action_set.kind == "permissions":
        return f"may call {first} on {target.name}{together} and so change what it may do"
    role = "the role that works there" if target.name == anything else target.role
    return f"may call {first} on {target.name}{together} and so act as {role}"
