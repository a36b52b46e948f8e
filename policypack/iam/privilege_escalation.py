"""How the holder of some grants could gain permissions that nobody gave it.

Three kinds of ways, by action sets that public tools list (`data/escalation.json` names them):

- *new*: pass an existing role to something new that the holder controls. Needs an `iam:PassRole` grant that reaches
  the service in question.
- *existing*: take over something that already runs with a role: new code for a function, a command on an instance.
- *permissions*: change policies, memberships or credentials.
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

Kind = Literal["new", "existing", "permissions"]
IsMorePrivileged = Callable[[str, str], bool | None]
"""Whether what an action reaches at a resource is stronger than the holder; None where that is not known."""

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
"""Whom the roles of a service are passed to, where that is not the service itself (from the services' own guides)."""
_DELEGATION_KEYS: Final = ("iam:policyarn", "iam:permissionsboundary")
"""Keys that, pinned, are AWS's way to delegate the management of permissions (IAM user guide, "Delegating ...")."""
_OWN_CREDENTIALS: Final = frozenset(("iam:createaccesskey", "iam:createloginprofile", "iam:updateloginprofile"))


class ActionSet(msgspec.Struct, frozen=True):
    """Actions that together are a way up; the first one decides on the target. `ids`: its names in public tools."""

    kind: Kind
    actions: tuple[str, ...]
    ids: dict[str, str]

    @property
    def service(self) -> str:
        """The service that does the work: for `new`, the one that takes the role."""
        return self.actions[1 if self.kind == "new" else 0].partition(":")[0]

    @property
    def service_principals(self) -> tuple[str, ...]:
        """The service principals that a passed role goes to."""
        return _PASSED_TO.get(self.service, (f"{self.service}.amazonaws.com",))


class Escalation(msgspec.Struct, frozen=True, eq=False):
    """A way up that some grants open. `reaches`: one grant for each action of the set, in its order.

    `wide`: no single target is named, any will do. `certain` is False where a named target may be no stronger than
    the holder, or a part that is not known may close the way.
    """

    action_set: ActionSet
    grants: tuple[EffectiveGrant, ...]
    any_target: bool
    certain: bool

    @property
    def target(self) -> str:
        """The role that may be passed, or the resource that may be taken over."""
        return self.grants[0].resource or "a resource that is not known"

    @property
    def description(self) -> str:
        """The way in words."""
        first, *rest = self.action_set.actions
        if self.action_set.kind == "new":
            role = "any role" if matches_everything(self.target) else f"role {self.target}"
            return f"may pass {role} to {self.action_set.service_principals[0]} by {' and '.join(rest)}"
        together = f" (with {' and '.join(rest)})" if rest else ""
        if self.action_set.kind == "existing":
            return f"may {first} on {self.target}{together} and so act as the role that works there"
        return f"may {first} on {self.target}{together} and so change who may do what"


@cache
def action_sets() -> tuple[ActionSet, ...]:
    """Every known way, minimal within its kind."""
    return msgspec.json.decode(_read_data_file("escalation.json"), type=_ActionSetsFile).sets


@cache
def pass_role_actions() -> frozenset[str]:
    """The actions, in lower case, that hand a role to a service."""
    found = msgspec.json.decode(_read_data_file("pass_role.json"), type=_PassRoleFile).actions
    return frozenset(f"{service}:{name}".lower() for service, names in found.items() for name in names)


def find_escalations(grants: Grants, broader: IsMorePrivileged | None = None) -> Iterator[Escalation]:
    """The ways up that these grants open, one for each set of actions.

    `broader` is asked about targets that are named one by one; a target that is certainly no stronger opens no way.
    """
    services = {grant.action.partition(":")[0].lower() for grant in grants.grants}
    anywhere = any(is_pattern(service) for service in services)
    for known in action_sets():
        if not anywhere and not all(action.partition(":")[0] in services for action in known.actions):
            continue
        found = _find_escalation(grants, known, broader)
        if found:
            yield found


def _find_escalation(grants: Grants, known: ActionSet, broader: IsMorePrivileged | None) -> Escalation | None:
    first, *rest = known.actions
    others: list[EffectiveGrant] = []
    for action in rest:
        reached = max(grants.matching(action), key=lambda one: one.certain, default=None)
        if reached is None:
            return None
        others.append(reached)
    best: Escalation | None = None
    for reached in grants.matching(first):
        if not _conditions_permit(known, reached):
            continue
        wide = _allows_any_target(known, reached)
        stronger = True if wide else _is_more_privileged(broader, first, reached)
        if stronger is False:
            continue
        certain = stronger is True and all(one.certain for one in (reached, *others))
        way = Escalation(known, (reached, *others), wide, certain)
        if best is None or (way.certain, way.any_target) > (best.certain, best.any_target):
            best = way
    return best


def _is_more_privileged(broader: IsMorePrivileged | None, action: str, reached: EffectiveGrant) -> bool | None:
    return broader(action, reached.resource) if broader and reached.resource is not None else None


def _conditions_permit(known: ActionSet, reached: EffectiveGrant) -> bool:
    """Whether the conditions and the resource of the deciding grant leave the way open at all."""
    if known.kind == "new":
        return any(
            conditions_allow_value(reached.conditions, "iam:PassedToService", principal) is not False
            for principal in known.service_principals
        )
    if known.kind == "permissions":
        own = known.actions[0].lower() in _OWN_CREDENTIALS and "${aws:username}" in (reached.resource or "").lower()
        return not own and not any(required_values(reached.conditions, key) for key in _DELEGATION_KEYS)
    return True


def _allows_any_target(known: ActionSet, reached: EffectiveGrant) -> bool:
    resource = reached.resource
    if resource is None:
        return False
    if matches_everything(resource):
        return True
    if known.kind != "existing":
        return is_pattern(resource)
    action = find_action(known.actions[0])
    return matches_all_resources(action, resource) if action else is_pattern(resource)


class _ActionSetsFile(msgspec.Struct):
    sets: tuple[ActionSet, ...]


class _PassRoleFile(msgspec.Struct):
    actions: dict[str, list[str]]


def _read_data_file(name: str) -> bytes:
    from pathlib import Path  # noqa: PLC0415 - 3 ms that only a role with such grants should pay

    return (Path(__file__).parent / "data" / name).read_bytes()
