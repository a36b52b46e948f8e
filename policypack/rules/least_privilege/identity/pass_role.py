"""Roles that are passed to the service they were made for, by somebody who does not gain by it."""

from collections.abc import Iterator

from policypack.access.arn_index import Owned
from policypack.access.role_grants import Rights, rights_of
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
    fix="Make iam:PassedToService in the policy argument and assume_role_policy of the role name the same service.",
)
def passed_role_trusts_receiving_service(role: Resource, stack: Stack) -> Findings:
    """A service cannot assume a role that does not trust it: what passes it there fails when it is needed."""
    rights = rights_of(stack, role)
    for reach, target in _passed(rights, stack):
        values = [entry.value for entry in required_values(reach.conditions, "iam:PassedToService")]
        if not values or any(value is None or is_pattern(value) for value in values):
            continue
        services = [value for value in values if value is not None]
        trust = parse_policy(target.get("assumeRolePolicy"), "trust")
        answers = {trusts_service(trust, service) for service in services}
        if answers == {False}:
            yield (
                f"may pass {target.name} to {brief_list(services)}, which {target.name} does not trust",
                rights.at(reach),
            )
        elif True not in answers:
            yield Undecided("assumeRolePolicy")


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Let the Resource of the policy argument name a role that manages no permissions and has no whole service.",
)
def passed_role_has_no_broader_permissions(role: Resource, stack: Stack) -> Findings:
    """Whoever passes a role on decides what is done with it, and so has what it has."""
    rights = rights_of(stack, role)
    for reach, target in _passed(rights, stack):
        more = additional_privileged_grant(rights_of(stack, target).grants, rights.grants)
        if more is not None and not _opens_a_way(rights, reach):
            yield f"may pass {target.name}, which may also {more.action}", rights.at(reach)


def _passed(rights: Rights, stack: Stack) -> Iterator[tuple[EffectiveGrant, Resource]]:
    """The other roles of the stack that a role may pass by name."""
    for reach in rights.grants.matching(PASS_ROLE):
        resource = reach.resource
        if not reach.certain or resource is None or is_pattern(resource) or is_service_wildcard(reach.grant.action):
            continue
        for target in stack.once(Owned).owners(resource):
            if target.type == ROLE and target.urn != rights.role.urn:
                yield reach, target


def _opens_a_way(rights: Rights, passed: EffectiveGrant) -> bool:
    """Whether it may also start something under the role, which is a way up and told as one."""
    ways = find_escalations(rights.grants, lambda _action, resource: resource == passed.resource)
    return any(way.action_set.kind == "new" and way.certain and way.target == passed.resource for way in ways)
