"""Privilege escalation: how the holder of some permissions could give itself more permissions.

The sets of actions that allow it come from public tools (see `data/privilege_escalation.json`) and are of three kinds:

- `new-passrole`: pass an existing role to a new resource and control what that resource does. It needs `iam:PassRole`
  for the service that receives the role.
- `existing-passrole`: control a resource that already has a role, for example change the code of a function or run a
  command on an instance.
- `permissions`: change policies, group memberships or credentials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from policypack.iam.actions import find_action, matches_all_resources
from policypack.iam.condition_values import conditions_allow_value, required_values
from policypack.iam.matching import is_pattern, matches_everything

if TYPE_CHECKING:
    from policypack.iam.grants import EffectiveGrant, Grants

EscalationKind = Literal["new-passrole", "existing-passrole", "permissions"]
IsMorePrivileged = Callable[[str, str], bool | None]
"""Takes an action and a resource: whether the role gained by them has permissions that the holder does not have.

None if that is unknown.
"""

PASS_ROLE: Final = "iam:PassRole"  # noqa: S105 - the name of an action
_PASSED_TO: Final[dict[str, tuple[str, ...]]] = {
    "apprunner": ("tasks.apprunner.amazonaws.com", "build.apprunner.amazonaws.com"),
    "autoscaling": ("ec2.amazonaws.com",),
    "batch": ("ecs-tasks.amazonaws.com", "batch.amazonaws.com"),
    "datapipeline": ("datapipeline.amazonaws.com", "elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"),
    "ecs": ("ecs-tasks.amazonaws.com", "ecs.amazonaws.com"),
    "elasticmapreduce": ("elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"),
    "imagebuilder": ("ec2.amazonaws.com", "imagebuilder.amazonaws.com"),
}
"""The service principals that receive a passed role, for services where it is not the service's own principal.

Source: the developer guides of the services.
"""
_DELEGATION_KEYS: Final = ("iam:policyarn", "iam:permissionsboundary")
"""Condition keys that limit delegated permissions management to given policies.

Source: IAM user guide, "Delegating responsibility to others using permissions boundaries".
"""
_OWN_CREDENTIALS: Final = frozenset(("iam:createaccesskey", "iam:createloginprofile", "iam:updateloginprofile"))


class ActionSet(msgspec.Struct, frozen=True):
    """Actions that together allow privilege escalation.

    The resource of the first action is the target. `ids` are the names of the set in public tools, by tool.
    """

    kind: EscalationKind
    actions: tuple[str, ...]
    ids: dict[str, str]

    @property
    def service(self) -> str:
        """The prefix of the service that runs with the role; for `new-passrole`, the service that receives it."""
        return self.actions[1 if self.kind == "new-passrole" else 0].partition(":")[0]

    @property
    def service_principals(self) -> tuple[str, ...]:
        """The service principals that can receive the passed role."""
        return _PASSED_TO.get(self.service, (f"{self.service}.amazonaws.com",))


class Escalation(msgspec.Struct, frozen=True, eq=False):
    """A privilege escalation that some grants allow. `grants` has one grant for each action of the set, in its order.

    `any_target`: the grants do not name a single target. `certain` is False if the target may have no permissions that
    the holder does not have, or if an unknown part may prevent the escalation.
    """

    action_set: ActionSet
    grants: tuple[EffectiveGrant, ...]
    any_target: bool
    certain: bool

    @property
    def target(self) -> str:
        """The role that may be passed, or the resource that may be taken over."""
        return self.grants[0].resource or "a resource that is not known"


@cache
def action_sets() -> tuple[ActionSet, ...]:
    """All known sets. No set of a kind contains another set of that kind."""
    return msgspec.json.decode(_read_action_sets(), type=_ActionSetsFile).sets


def find_escalations(grants: Grants, is_more_privileged: IsMorePrivileged | None = None) -> Iterator[Escalation]:
    """The privilege escalations that these grants allow, at most one for each set of actions.

    `is_more_privileged` is asked about targets that are named individually; a target that certainly has no additional
    permissions is no escalation.
    """
    services = {grant.action.partition(":")[0].lower() for grant in grants.grants}
    any_service = any(is_pattern(service) for service in services)
    for action_set in action_sets():
        if not any_service and not all(action.partition(":")[0] in services for action in action_set.actions):
            continue
        found = _find_escalation(grants, action_set, is_more_privileged)
        if found:
            yield found


def _find_escalation(
    grants: Grants, action_set: ActionSet, is_more_privileged: IsMorePrivileged | None
) -> Escalation | None:
    first, *rest = action_set.actions
    others: list[EffectiveGrant] = []
    for action in rest:
        other = max(grants.matching(action), key=lambda one: one.certain, default=None)
        if other is None:
            return None
        others.append(other)
    best: Escalation | None = None
    for grant in grants.matching(first):
        if not _conditions_permit(action_set, grant):
            continue
        any_target = _allows_any_target(action_set, grant)
        more_privileged = True if any_target else _is_more_privileged(is_more_privileged, first, grant)
        if more_privileged is False:
            continue
        certain = more_privileged is True and all(one.certain for one in (grant, *others))
        found = Escalation(action_set, (grant, *others), any_target, certain)
        if best is None or (found.certain, found.any_target) > (best.certain, best.any_target):
            best = found
    return best


def _is_more_privileged(is_more_privileged: IsMorePrivileged | None, action: str, grant: EffectiveGrant) -> bool | None:
    return is_more_privileged(action, grant.resource) if is_more_privileged and grant.resource is not None else None


def _conditions_permit(action_set: ActionSet, grant: EffectiveGrant) -> bool:
    """Whether the conditions and the resource of the grant for the first action permit the escalation."""
    if action_set.kind == "new-passrole":
        return any(
            conditions_allow_value(grant.conditions, "iam:PassedToService", principal) is not False
            for principal in action_set.service_principals
        )
    if action_set.kind == "permissions":
        own = action_set.actions[0].lower() in _OWN_CREDENTIALS and "${aws:username}" in (grant.resource or "").lower()
        return not own and not any(required_values(grant.conditions, key) for key in _DELEGATION_KEYS)
    return True


def _allows_any_target(action_set: ActionSet, grant: EffectiveGrant) -> bool:
    resource = grant.resource
    if resource is None:
        return False
    if matches_everything(resource):
        return True
    if action_set.kind != "existing-passrole":
        return is_pattern(resource)
    action = find_action(action_set.actions[0])
    return matches_all_resources(action, resource) if action else is_pattern(resource)


class _ActionSetsFile(msgspec.Struct):
    sets: tuple[ActionSet, ...]


def _read_action_sets() -> bytes:
    from pathlib import Path  # noqa: PLC0415 - the import takes 3 ms and few roles need it

    return (Path(__file__).parent / "data" / "privilege_escalation.json").read_bytes()
