"""Privilege escalation: permissions by which a role can gain more than its policies grant."""

from collections.abc import Iterator
from typing import Final

import msgspec

from policypack.access.arn_index import ArnIndex
from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, effective_documents, roles_attached_to
from policypack.access.role_grants import RolePermissions, permissions_of
from policypack.iam.elements import AttachedPolicy
from policypack.iam.grants import EffectiveGrant, grants_of
from policypack.iam.managed_policies import is_aws_managed_policy
from policypack.iam.matching import matches_everything
from policypack.iam.privilege_comparison import additional_grant, additional_privileged_grant
from policypack.iam.privilege_escalation import PASS_ROLE, Escalation, IsMorePrivileged, find_escalations
from policypack.iam.wildcards import brief_list, is_service_wildcard
from policypack.model import POLICY, ROLE, Location, Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule

_MAX_DESCRIBED: Final = 2  # escalation paths that one message describes


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    fix="Remove one of the actions from the policy argument, or name a resource in its Resource that has no more "
    "permissions than this role.",
    terms=("privesc", "privilege escalation", "CreatePolicyVersion", "AttachRolePolicy", "PutRolePolicy"),
)
def role_cannot_escalate_privileges(holder: Resource, stack: Stack) -> Findings:
    """A role that can change its own policies, or run code under a more privileged role, can gain more permissions.

    Without a limit on the resources, that includes administrator permissions. The rule checks all policies of a role
    together for combinations of actions that public tools list (pathfinding.cloud), such as iam:PassRole with
    lambda:CreateFunction, or lambda:UpdateFunctionCode on a function whose role has broader permissions. Other rules
    report `*`, `iam:*` and AWS managed policies.
    """
    if holder.type == ROLE:
        permissions = permissions_of(stack, holder)
        unknown = [held for held in permissions.documents if not held.known and not is_aws_managed_policy(held.arn)]
        yield from _findings(_RoleWithPolicies(stack, permissions))
        if unknown:
            yield Undecided(unknown[0].path)
    elif not roles_attached_to(holder, stack):  # otherwise it is checked together with the other policies of its roles
        for text in effective_documents(holder, stack):
            yield from _findings(_DetachedPolicy(stack, holder, text.path, [AttachedPolicy("", text.document)]))
            if text.document.is_unknown:
                yield Undecided(text.path)


class Target(msgspec.Struct, frozen=True):
    """What an escalation path leads to: a resource, and the role that it runs under or that is passed."""

    name: str
    role: str


class _DetachedPolicy:
    """One policy document that no role of the stack has."""

    def __init__(self, stack: Stack, holder: Resource, path: str, documents: list[AttachedPolicy]) -> None:
        self.stack, self.holder, self.path = stack, holder, path
        self.grants = grants_of(documents)
        self.targets: dict[tuple[str, str], Target] = {}
        self.broader: IsMorePrivileged | None = None

    def at(self, reach: EffectiveGrant) -> Location:
        """The place of a grant in its policy document."""
        return self.holder.at(f"{self.path}.{reach.grant.place}")

    def reported_elsewhere(self, reach: EffectiveGrant) -> bool:
        """Whether another rule reports the grant itself: a wildcard for a whole service, or NotAction."""
        return is_service_wildcard(reach.grant.action) or bool(reach.grant.statement.not_actions)


class _RoleWithPolicies(_DetachedPolicy):
    """A role of the stack with all its policy documents."""

    def __init__(self, stack: Stack, permissions: RolePermissions) -> None:
        super().__init__(stack, permissions.role, "", [])
        self.permissions, self.grants = permissions, permissions.grants
        self.broader = self._broader

    def at(self, reach: EffectiveGrant) -> Location:
        held = self.permissions.document_of(reach)
        return held.holder.at(f"{held.path}.{reach.grant.place}" if not held.arn else held.path)

    def reported_elsewhere(self, reach: EffectiveGrant) -> bool:
        return super().reported_elsewhere(reach) or is_aws_managed_policy(self.permissions.document_of(reach).arn)

    def _broader(self, action: str, resource: str) -> bool | None:
        """Whether a named resource is one of the stack and is, or runs under, a more privileged role."""
        targets = self.stack.cached(ArnIndex).matches(resource)
        for target in targets:
            try:
                found = self._more_privileged(action, target)
            except Undecided:
                return None
            if found is not None:
                self.targets[action, resource] = found
                return True
        return False if targets else None

    def _more_privileged(self, action: str, target: Resource) -> Target | None:
        """The target, if control over a resource of the stack gives the role more permissions; otherwise None."""
        if action.startswith(("iam:", "sso:")) and action != PASS_ROLE:
            return self._own_policy(target)
        role = target if target.type == ROLE else self.stack.role_of(target)
        if role is None or role.urn == self.holder.urn:
            return None
        compare = additional_privileged_grant if action == PASS_ROLE else additional_grant
        more = compare(permissions_of(self.stack, role).grants, self.grants)
        return None if more is None else Target(target.name, f"role {role.name} (which also allows {more.action})")

    def _own_policy(self, target: Resource) -> Target | None:
        """The target, if it is the role itself or a policy that is attached to it; otherwise None."""
        if target.urn == self.holder.urn:
            return Target("itself", "")
        own = target.type == POLICY and any(held.holder.urn == target.urn for held in self.permissions.documents)
        return Target(f"its own policy {target.name}", "") if own else None


def _findings(subject: _DetachedPolicy) -> Findings:
    """One finding for each statement that enables escalation, with the paths that it enables."""
    by_place: dict[tuple[str, str], tuple[Location, list[str]]] = {}
    for escalation in find_escalations(subject.grants, subject.broader):
        if all(map(subject.reported_elsewhere, escalation.grants)):
            continue
        if not escalation.certain:
            yield from _undecided(subject, escalation)
            continue
        place = subject.at(escalation.grants[0])
        by_place.setdefault((place.resource.urn, place.path), (place, []))[1].append(_description(subject, escalation))
    for place, descriptions in by_place.values():
        more = f"; and {len(descriptions) - _MAX_DESCRIBED} more" if len(descriptions) > _MAX_DESCRIBED else ""
        yield f"{'; '.join(descriptions[:_MAX_DESCRIBED])}{more}", place


def _undecided(subject: _DetachedPolicy, escalation: Escalation) -> Iterator[Undecided]:
    """An escalation path that depends on a part which is not known."""
    unsure = [reach for reach in escalation.grants if not reach.certain]
    if unsure:
        yield Undecided(subject.at(unsure[0]).path)


def _description(subject: _DetachedPolicy, escalation: Escalation) -> str:
    """The escalation path as a clause about the role."""
    first, *rest = escalation.action_set.actions
    resource = escalation.grants[0].resource or "*"
    anything = "any resource" if matches_everything(resource) else resource
    target = subject.targets.get((first, resource)) or Target(
        anything, "any role" if escalation.any_target else f"role {resource}"
    )
    if escalation.action_set.kind == "new-passrole":
        service = escalation.action_set.service_principals[0].removesuffix(".amazonaws.com")
        return f"can pass {target.role} to {service} and use it with {brief_list(rest)}"
    together = f" (with {brief_list(rest)})" if rest else ""
    if escalation.action_set.kind == "permissions":
        return f"can call {first} on {target.name}{together} and so gain permissions"
    role = "the role that it runs under" if target.name == anything else target.role
    return f"can call {first} on {target.name}{together} and so act as {role}"
