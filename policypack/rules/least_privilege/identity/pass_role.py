"""Roles that another role passes to an AWS service with iam:PassRole."""

from collections.abc import Iterator

from policypack.access.arn_index import ArnIndex
from policypack.access.role_grants import RolePermissions, permissions_of
from policypack.iam.condition_values import required_values
from policypack.iam.documents import parse_policy
from policypack.iam.grants import EffectiveGrant
from policypack.iam.matching import is_pattern
from policypack.iam.privilege_comparison import additional_privileged_grant
from policypack.iam.privilege_escalation import PASS_ROLE, find_escalations
from policypack.iam.trust_policies import trusts_service
from policypack.iam.wildcards import brief_list, is_service_wildcard
from policypack.model import ROLE, Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the same service in the condition on iam:PassedToService in the policy argument and in the passed role's "
    "assume_role_policy.",
    terms=("AccessDenied", "service principal", "trust policy", "trust relationship"),
)
def passed_role_trusts_receiving_service(role: Resource, stack: Stack) -> Findings:
    """A service can assume a role that was passed to it by iam:PassRole only if the role trusts the service.

    Otherwise the deployment, or the work that the service does under the role, fails (IAM user guide, "Grant a user
    permissions to pass a role to an AWS service").
    """
    permissions = permissions_of(stack, role)
    for reach, target in _passed_roles(permissions, stack):
        values = [entry.value for entry in required_values(reach.conditions, "iam:PassedToService")]
        if not values or any(value is None or is_pattern(value) for value in values):
            continue
        services = [value for value in values if value is not None]
        trust = parse_policy(target.get("assumeRolePolicy"), "trust")
        answers = {trusts_service(trust, service) for service in services}
        if answers == {False}:
            yield (
                f"can pass role {target.name} to {brief_list(services)}, which {target.name} does not trust",
                permissions.at(reach),
            )
        elif True not in answers:
            yield Undecided("assumeRolePolicy")


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name a role in the Resource of the policy argument that allows no whole service (`s3:*`) and no permissions "
    "management, or remove these permissions from the passed role.",
    terms=("privesc", "privilege escalation", "admin"),
)
def passed_role_has_no_broader_permissions(role: Resource, stack: Stack) -> Findings:
    """A role that can pass a more privileged role to a service (iam:PassRole) can make use of its permissions.

    More privileged means that the passed role allows all actions of a service, or permissions management, that the
    passing role does not have (IAM user guide, "Grant a user permissions to pass a role to an AWS service").
    """
    permissions = permissions_of(stack, role)
    for reach, target in _passed_roles(permissions, stack):
        more = additional_privileged_grant(permissions_of(stack, target).grants, permissions.grants)
        if more is not None and not _is_escalation(permissions, reach):
            yield f"can pass role {target.name}, which also allows {more.action}", permissions.at(reach)


def _passed_roles(permissions: RolePermissions, stack: Stack) -> Iterator[tuple[EffectiveGrant, Resource]]:
    """The other roles of the stack that a role can pass and names in full."""
    for reach in permissions.grants.matching(PASS_ROLE):
        resource = reach.resource
        if not reach.certain or resource is None or is_pattern(resource) or is_service_wildcard(reach.grant.action):
            continue
        for target in stack.cached(ArnIndex).matches(resource):
            if target.type == ROLE and target.urn != permissions.role.urn:
                yield reach, target


def _is_escalation(permissions: RolePermissions, passed: EffectiveGrant) -> bool:
    """Whether it can also start a workload under the passed role, which role_cannot_escalate_privileges reports."""
    found = find_escalations(permissions.grants, lambda _action, resource: resource == passed.resource)
    return any(
        escalation.action_set.kind == "new-passrole" and escalation.certain and escalation.target == passed.resource
        for escalation in found
    )
