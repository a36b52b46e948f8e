"""Permissions that a role obtains through other roles, functions and state machines."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from policypack.access.arn_index import ArnIndex
from policypack.access.role_grants import permissions_of
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
_INVOKE_ACTIONS: Final = {"lambda:InvokeFunction": FUNCTION, "states:StartExecution": STATE_MACHINE}
_MAX_ROLES: Final = 16
"""Roles that a chain is followed through, which bounds the work in stacks with many chained roles."""


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Remove the other role from the Resource of the policy argument, or this role from its assume_role_policy.",
    terms=("AssumeRole", "role chaining", "privesc", "privilege escalation", "lateral movement"),
)
def role_cannot_assume_more_privileged_role(role: Resource, stack: Stack) -> Findings:
    """A role that can assume a more privileged role, directly or through other roles, has its permissions too.

    More privileged means that the other role allows all actions of a service, or permissions management, that this role
    does not have. The rule follows sts:AssumeRole between roles of the stack whose trust policies allow it (IAM user
    guide, "Roles terms and concepts": role chaining).
    """
    own = permissions_of(stack, role)
    paths: dict[str, tuple[str, ...]] = {role.urn: ()}
    waiting: deque[tuple[Resource, EffectiveGrant | None]] = deque([(role, None)])
    while waiting and len(paths) <= _MAX_ROLES:
        at, first = waiting.popleft()
        for reach, target, trusts in _assumable_roles(at, stack):
            if target.urn in paths:
                continue
            if trusts is None:
                yield Undecided("assumeRolePolicy")
                continue
            paths[target.urn] = (*paths[at.urn], target.name)
            start = first or reach
            waiting.append((target, start))
            more = additional_privileged_grant(permissions_of(stack, target).grants, own.grants)
            if more is not None:
                chain = ", then ".join(paths[target.urn])
                yield f"can assume role {chain}, which also allows {more.action}", own.at(start)
    own.raise_if_incomplete()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Limit what the function does for its callers, or remove it from the Resource of the policy argument.",
    terms=("InvokeFunction", "StartExecution", "Step Functions", "lateral movement"),
)
def role_cannot_invoke_more_privileged_workload(role: Resource, stack: Stack) -> Findings:
    """A role that can invoke a more privileged function or state machine can use its permissions indirectly.

    More privileged means that the role of the function or state machine allows all actions of a service, or permissions
    management, that the invoking role does not have.
    """
    own = permissions_of(stack, role)
    for action, type_ in _INVOKE_ACTIONS.items():
        for reach, target in _named_resources(own.grants.matching(action), stack, type_):
            other = stack.role_of(target)
            more = (
                None
                if other is None or other.urn == role.urn
                else additional_privileged_grant(permissions_of(stack, other).grants, own.grants)
            )
            if other is not None and more is not None:
                what = f"{target.name}, whose role {other.name} also allows {more.action}"
                yield f"allows {action} on {what}", own.at(reach)


def _assumable_roles(role: Resource, stack: Stack) -> Iterator[tuple[EffectiveGrant, Resource, bool | None]]:
    """The other roles of the stack that a role can assume, and whether their trust policies allow it."""
    for reach, target in _named_resources(permissions_of(stack, role).grants.matching(_ASSUME), stack, ROLE):
        allowed = _trust_allows(target, role)
        if target.urn != role.urn and allowed is not False:
            yield reach, target, allowed


def _named_resources(
    reaches: Iterator[EffectiveGrant], stack: Stack, type_: str
) -> Iterator[tuple[EffectiveGrant, Resource]]:
    """The resources of one type that grants name in full; other rules report wildcards."""
    for reach in reaches:
        if reach.certain and reach.resource is not None and not is_service_wildcard(reach.grant.action):
            if is_pattern(reach.resource.removesuffix(":*")):
                continue
            yield from ((reach, one) for one in stack.cached(ArnIndex).matches(reach.resource) if one.type == type_)


def _trust_allows(target: Resource, role: Resource) -> bool | None:
    """Whether a role's trust policy allows another role of the account to assume it; None where that is not known."""
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
