"""Roles that gain nothing by what they may set to work: other roles, functions and state machines."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from policypack.access.arn_index import Owned
from policypack.access.role_grants import rights_of
from policypack.iam.documents import parse_policy
from policypack.iam.matching import is_pattern
from policypack.iam.privilege_comparison import additional_privileged_grant
from policypack.iam.trust_policies import trusted_principals
from policypack.iam.wildcards import is_service_wildcard
from policypack.model import FUNCTION, ROLE, STATE_MACHINE, Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.grants import EffectiveGrant

_ASSUME: Final = "sts:AssumeRole"
_STARTING: Final = {"lambda:InvokeFunction": FUNCTION, "states:StartExecution": STATE_MACHINE}
_FARTHEST: Final = 16
"""Roles that a chain is followed through, so that many chained roles cost no more than each a few."""


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Take the role out of the Resource of the policy argument, or out of its assume_role_policy.",
)
def role_cannot_assume_more_privileged_role(role: Resource, stack: Stack) -> Findings:
    """Whoever may assume a stronger role, in one step or in several, is as strong as that one."""
    own = rights_of(stack, role)
    paths: dict[str, tuple[str, ...]] = {role.urn: ()}
    waiting: deque[tuple[Resource, EffectiveGrant | None]] = deque([(role, None)])
    while waiting and len(paths) <= _FARTHEST:
        at, first = waiting.popleft()
        for reach, target, trusts in _assumed(at, stack):
            if target.urn in paths:
                continue
            if trusts is None:
                yield Undecided("assumeRolePolicy")
                continue
            paths[target.urn] = (*paths[at.urn], target.name)
            start = first or reach
            waiting.append((target, start))
            more = additional_privileged_grant(rights_of(stack, target).grants, own.grants)
            if more is not None:
                chain = " and from there ".join(paths[target.urn])
                yield f"may assume {chain}, which may also {more.action}", own.at(start)
    if own.waiting is not None:
        raise own.waiting


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Let the function do one narrow thing for its callers, or take it out of the Resource of the policy argument.",
)
def role_cannot_invoke_more_privileged_workload(role: Resource, stack: Stack) -> Findings:
    """Whoever may invoke a function decides what it is asked for, and so has a part in what its role may do."""
    own = rights_of(stack, role)
    for action, type_ in _STARTING.items():
        for reach, target in _named(own.grants.matching(action), stack, type_):
            other = stack.role_of(target)
            more = (
                None
                if other is None or other.urn == role.urn
                else additional_privileged_grant(rights_of(stack, other).grants, own.grants)
            )
            if other is not None and more is not None:
                what = f"{target.name}, whose role {other.name} may also {more.action}"
                yield f"may {action} on {what}", own.at(reach)


def _assumed(role: Resource, stack: Stack) -> Iterator[tuple[EffectiveGrant, Resource, bool | None]]:
    """The other roles of the stack that a role names to assume, and whether they let it."""
    for reach, target in _named(rights_of(stack, role).grants.matching(_ASSUME), stack, ROLE):
        lets = _lets(target, role)
        if target.urn != role.urn and lets is not False:
            yield reach, target, lets


def _named(reaches: Iterator[EffectiveGrant], stack: Stack, type_: str) -> Iterator[tuple[EffectiveGrant, Resource]]:
    """The resources of a type that grants name one by one; wildcards are found by other rules."""
    for reach in reaches:
        if reach.certain and reach.resource is not None and not is_service_wildcard(reach.grant.action):
            if is_pattern(reach.resource.removesuffix(":*")):
                continue
            yield from ((reach, one) for one in stack.once(Owned).owners(reach.resource) if one.type == type_)


def _lets(target: Resource, role: Resource) -> bool | None:
    """Whether a role's trust policy lets another role of the account assume it; None where that is not known."""
    trust = parse_policy(target.get("assumeRolePolicy"), "trust")
    name = role.get("name")
    unsure = trust.is_unknown
    for one in trusted_principals(trust):
        if one.kind in {"everybody", "account"}:
            return True
        if one.kind == "identity" and ":role/" in one.value:
            if not isinstance(name, str):
                unsure = True
            elif one.value.rpartition("/")[2] == name:
                return True
        unsure = unsure or one.kind == "unknown"
    return None if unsure else False
