"""Compare the permissions of two roles: what a target role may do that the holder role may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.iam.actions import expand_action
from policypack.iam.matching import covers_action, covers_resource, matches_everything, overlaps_action
from policypack.iam.sensitive_actions import PERMISSIONS_MANAGEMENT

if TYPE_CHECKING:
    from policypack.iam.grants import EffectiveGrant, Grant, Grants

_COMMON_PREFIXES: Final = ("logs:", "xray:", "cloudwatch:", "ec2:", "ecr:")
"""Permissions that nearly every workload has (logs, traces, metrics, network, image) and that give no privilege."""


def additional_grant(target: Grants, holder: Grants) -> EffectiveGrant | None:
    """A grant that the target certainly has and the holder does not have, other than the common ones of workloads."""
    for grant in target.effective_grants():
        common = grant.action.lower().startswith(_COMMON_PREFIXES)
        if grant.certain and grant.resource is not None and not common and not _holder_has(grant, holder):
            return grant
    return None


def additional_privileged_grant(target: Grants, holder: Grants) -> EffectiveGrant | None:
    """A privileged grant (all actions of a service, or permissions management) that only the target certainly has.

    Other additional permissions are not reported: passing a role for different work is what `iam:PassRole` is for.
    """
    for grant in target.effective_grants():
        if (
            grant.certain
            and grant.resource is not None
            and _is_privileged_action(grant.action)
            and not _holder_has(grant, holder)
        ):
            return grant
    return None


def _is_privileged_action(action: str) -> bool:
    if not action.rpartition(":")[2].strip("*"):
        return True
    return any(PERMISSIONS_MANAGEMENT in one.access_levels for one in expand_action(action) or ())


def _holder_has(grant: EffectiveGrant, holder: Grants) -> bool:
    """Whether one grant of the holder includes the target's grant and no denial of the holder affects it."""
    return any(_includes(own, grant) for own in holder.grants if own.certain) and not any(
        denial.denies_some(grant.action, grant.resource or "*") for denial in holder.denials
    )


def _includes(own: Grant, other: EffectiveGrant) -> bool:
    statement = own.statement
    if not covers_action(own.action, other.action) or (own.conditions and not other.conditions):
        return False
    if any(entry.value is None or overlaps_action(entry.value, other.action) for entry in statement.not_actions):
        return False
    if statement.not_resources:
        return False
    return any(
        entry.value is not None
        and (matches_everything(entry.value) or covers_resource(entry.value, other.resource or "*"))
        for entry in own.resources
    )
