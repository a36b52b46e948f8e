"""Whether one role is stronger than another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.iam.actions import expand_action
from policypack.iam.matching import covers_action, covers_resource, matches_everything, overlaps_action

if TYPE_CHECKING:
    from policypack.iam.grants import EffectiveGrant, Grant, Grants

_COMMON_PREFIXES: Final = ("logs:", "xray:", "cloudwatch:", "ec2:", "ecr:")
"""What is granted to a workload for being one: its logs, traces, metrics, network and image make nobody strong."""
_PERMISSIONS_MANAGEMENT: Final = "Permissions management"


def additional_grant(target: Grants, holder: Grants) -> EffectiveGrant | None:
    """Something that the target certainly may do, that the holder may not, and that is about more than itself."""
    for reach in target.effective_grants():
        ordinary = reach.action.lower().startswith(_COMMON_PREFIXES)
        if reach.certain and reach.resource is not None and not ordinary and not _holder_has(reach, holder):
            return reach
    return None


def additional_privileged_grant(target: Grants, holder: Grants) -> EffectiveGrant | None:
    """The same, of the things that make a role strong: whole services, and the management of permissions.

    To hand a role of another kind of work to a service is what passing roles is for.
    """
    for reach in target.effective_grants():
        if (
            reach.certain
            and reach.resource is not None
            and _is_privileged_action(reach.action)
            and not _holder_has(reach, holder)
        ):
            return reach
    return None


def _is_privileged_action(action: str) -> bool:
    if not action.rpartition(":")[2].strip("*"):
        return True
    return any(_PERMISSIONS_MANAGEMENT in one.access_levels for one in expand_action(action) or ())


def _holder_has(reach: EffectiveGrant, holder: Grants) -> bool:
    """Whether the holder has at least as much, by one grant; its conditions are held against it only where alone."""
    return any(_grant_includes(grant, reach) for grant in holder.grants if grant.certain) and not any(
        denial.denies_some(reach.action, reach.resource or "*") for denial in holder.denials
    )


def _grant_includes(grant: Grant, reach: EffectiveGrant) -> bool:
    statement = grant.statement
    if not covers_action(grant.action, reach.action) or (grant.conditions and not reach.conditions):
        return False
    if any(entry.value is None or overlaps_action(entry.value, reach.action) for entry in statement.not_actions):
        return False
    if statement.not_resources:
        return False
    return any(
        entry.value is not None
        and (matches_everything(entry.value) or covers_resource(entry.value, reach.resource or "*"))
        for entry in grant.resources
    )
