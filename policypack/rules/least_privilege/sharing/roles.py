"""Roles that one kind of workload works under."""

from collections.abc import Iterable

from policypack.iam.documents import parse_policy
from policypack.iam.trust_policies import trusts_service
from policypack.iam.wildcards import brief_list
from policypack.model import FUNCTION, ROLE, Resource, Stack, Undecided
from policypack.model.roles import ROLE_USES
from policypack.rule import Findings, Level, Severity, rule

_SAGEMAKER = "sagemaker.amazonaws.com"


@rule(
    on=(ROLE, *ROLE_USES),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Make an aws.iam.Role of its own for each service, and name it in role (role_arn) of what works under it.",
)
def role_is_not_shared_across_services(subject: Resource, stack: Stack) -> Findings:
    """What one of the services needs, the other may do too, and a fault in either of them opens both.

    A role that is not of the stack cannot be a subject itself: all those that name it by one ARN are.
    """
    if subject.type != ROLE:
        yield from _shared_elsewhere(subject, stack)
        return
    users, doubt = _users(subject, stack)
    services = _services(users)
    if _mixed(services):
        names = brief_list(f"{service} ({user.name})" for service, user in sorted(services.items()))
        yield f"is the role of {names}"
    elif doubt is not None:
        raise doubt


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Make an aws.iam.Role for each function, and name it in role of the function.",
)
def role_is_not_shared_across_functions(role: Resource, stack: Stack) -> Findings:
    """Functions that share a role all have what the most demanding of them needs."""
    users, doubt = _users(role, stack)
    functions = [user.name for user in users if user.type == FUNCTION]
    if len(functions) > 1:
        yield f"is the role of {len(functions)} functions, {brief_list(functions)}"
    elif doubt is not None:
        raise doubt


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the service in the Principal of assume_role_policy.",
)
def role_trust_policy_allows_its_workloads(role: Resource, stack: Stack) -> Findings:
    """A service that may not assume the role refuses to create what is to work under it, or fails when that runs."""
    users, doubt = _users(role, stack)
    trust = parse_policy(role.get("assumeRolePolicy"), "trust")
    for service, user in {ROLE_USES[user.type].service: user for user in reversed(users)}.items():
        trusted = trusts_service(trust, service)
        if trusted is False:
            yield f"does not trust {service}, for which {user.name} works under it", "assumeRolePolicy"
        elif trusted is None:
            yield Undecided("assumeRolePolicy")
    if doubt is not None:
        raise doubt


def _users(role: Resource, stack: Stack) -> tuple[list[Resource], Undecided | None]:
    """Those who certainly work under a role, by name, and the reason why there may be more."""
    return _sorted(stack.users_of(role))


def _services(users: list[Resource]) -> dict[str, Resource]:
    """The services that they work for, each with the first of its users."""
    return {ROLE_USES[user.type].service: user for user in reversed(users)}


def _mixed(services: dict[str, Resource]) -> bool:
    return len(services) > 1 and _SAGEMAKER not in services  # sharing with SageMaker is a rule of its own


class _Elsewhere:
    """The services that each role elsewhere serves, found once for all that work under it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._known: dict[str, tuple[dict[str, Resource], Undecided | None]] = {}

    def of(self, arn: str, user: Resource) -> tuple[dict[str, Resource], Undecided | None]:
        if arn not in self._known:
            users, doubt = _sorted(self._stack.sharers_of(user))
            self._known[arn] = _services(users), doubt
        return self._known[arn]


def _shared_elsewhere(user: Resource, stack: Stack) -> Findings:
    path = ROLE_USES[user.type].path
    arn = user.get(path)
    if not isinstance(arn, str) or stack.role_of(user) is not None:
        return  # the role is a subject of its own; one that is not known yet is a doubt of those it may be
    services, doubt = (stack.once(_Elsewhere) if stack.whole else _Elsewhere(stack)).of(arn, user)
    if _mixed(services):
        own = ROLE_USES[user.type].service
        others = (f"{service} ({other.name})" for service, other in sorted(services.items()) if service != own)
        yield f"shares its role {arn} with {brief_list(others)}", path
    elif doubt is not None:
        raise doubt


def _sorted(users: Iterable[Resource]) -> tuple[list[Resource], Undecided | None]:
    found: list[Resource] = []
    doubt: Undecided | None = None
    try:
        found.extend(users)
    except Undecided as undecided:
        doubt = undecided
    return sorted(found, key=lambda user: user.name), doubt
