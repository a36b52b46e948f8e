"""Roles that one kind of workload works under."""

from policypack.iam.documents import parse
from policypack.iam.trust import may_assume
from policypack.model import FUNCTION, ROLE, Resource, Stack, Undecided
from policypack.model.roles import ROLE_USES
from policypack.rule import Findings, Level, Severity, rule
from policypack.rules.least_privilege.breadth import listed

_SAGEMAKER = "sagemaker.amazonaws.com"


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Make an aws.iam.Role of its own for each service, and name it in role (role_arn) of what works under it.",
)
def role_serves_one_service(role: Resource, stack: Stack) -> Findings:
    """What one of the services needs, the other may do too, and a fault in either of them opens both."""
    users, doubt = _users(role, stack)
    by_service = {ROLE_USES[user.type].service: user for user in reversed(users)}
    if len(by_service) > 1 and _SAGEMAKER not in by_service:  # sharing with SageMaker is a rule of its own
        names = listed(f"{service} ({user.name})" for service, user in sorted(by_service.items()))
        yield f"is the role of {names}"
    elif doubt is not None:
        raise doubt


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Make an aws.iam.Role for each function, and name it in role of the function.",
)
def role_serves_one_function(role: Resource, stack: Stack) -> Findings:
    """Functions that share a role all have what the most demanding of them needs."""
    users, doubt = _users(role, stack)
    functions = [user.name for user in users if user.type == FUNCTION]
    if len(functions) > 1:
        yield f"is the role of {len(functions)} functions, {listed(functions)}"
    elif doubt is not None:
        raise doubt


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the service in the Principal of assume_role_policy.",
)
def role_trusts_what_works_under_it(role: Resource, stack: Stack) -> Findings:
    """A service that may not assume the role refuses to create what is to work under it, or fails when that runs."""
    users, doubt = _users(role, stack)
    trust = parse(role.get("assumeRolePolicy"), "trust")
    for service, user in {ROLE_USES[user.type].service: user for user in reversed(users)}.items():
        trusted = may_assume(trust, service)
        if trusted is False:
            yield f"does not trust {service}, for which {user.name} works under it", "assumeRolePolicy"
        elif trusted is None:
            yield Undecided("assumeRolePolicy")
    if doubt is not None:
        raise doubt


def _users(role: Resource, stack: Stack) -> tuple[list[Resource], Undecided | None]:
    """Those who certainly work under a role, by name, and the reason why there may be more."""
    found: list[Resource] = []
    doubt: Undecided | None = None
    try:
        found.extend(stack.users_of(role))
    except Undecided as undecided:
        doubt = undecided
    return sorted(found, key=lambda user: user.name), doubt
