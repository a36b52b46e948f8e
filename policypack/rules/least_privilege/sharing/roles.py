"""Roles that one service and one function use, and that trust the services that use them."""

from collections.abc import Iterable

from policypack.iam.documents import parse_policy
from policypack.iam.trust_policies import trusts_service
from policypack.iam.wildcards import brief_list
from policypack.model import FUNCTION, MODEL, ROLE, DeferredUndecided, Resource, Stack, Undecided
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.rule import Findings, Level, Severity, rule

_SAGEMAKER = EXECUTION_ROLES[MODEL].service


@rule(
    on=(ROLE, *EXECUTION_ROLES),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Create an aws.iam.Role for each service, and set role (role_arn) of each resource to that of its service.",
    terms=("blast radius", "separation of duties"),
)
def role_is_not_shared_across_services(subject: Resource, stack: Stack) -> Findings:
    """Each service that uses a shared role has the permissions that the other services need.

    A role that the stack does not define cannot be judged itself: the resources of the stack that use it by its ARN
    are. Sharing with SageMaker AI is left to sagemaker-role-is-not-shared.
    """
    if subject.type != ROLE:
        yield from _shares_external_role(subject, stack)
        return
    users, undecided = _users(subject, stack)
    services = _services(users)
    if _is_shared(services):
        names = brief_list(f"{service} ({user.name})" for service, user in sorted(services.items()))
        yield f"is used by several services: {names}"
    else:
        undecided.raise_noted()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Create an aws.iam.Role for each function, and set role of the function to it.",
    terms=("blast radius", "execution role"),
)
def role_is_not_shared_across_functions(role: Resource, stack: Stack) -> Findings:
    """Each function that uses a shared role has the permissions that the other functions need."""
    users, undecided = _users(role, stack)
    functions = [user.name for user in users if user.type == FUNCTION]
    if len(functions) > 1:
        yield f"is used by {len(functions)} functions: {brief_list(functions)}"
    else:
        undecided.raise_noted()


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Add the service to the Principal of assume_role_policy.",
    terms=(
        "cannot be assumed by Lambda",
        "trust relationship",
    ),
)
def role_trust_policy_allows_its_workloads(role: Resource, stack: Stack) -> Findings:
    """A service cannot run a workload with a role whose trust policy does not allow the service to assume it.

    The service refuses to create the workload, or the workload fails when it runs (IAM user guide, "Roles terms and
    concepts").
    """
    users, undecided = _users(role, stack)
    trust = parse_policy(role.get("assumeRolePolicy"), "trust")
    for service, user in {EXECUTION_ROLES[user.type].service: user for user in reversed(users)}.items():
        trusted = trusts_service(trust, service)
        if trusted is False:
            yield f"does not trust {service}, which runs {user.name} with it", "assumeRolePolicy"
        elif trusted is None:
            yield Undecided("assumeRolePolicy")
    undecided.raise_noted()


def _users(role: Resource, stack: Stack) -> tuple[list[Resource], DeferredUndecided]:
    """The resources that certainly use a role, sorted by name, and the reason why there may be more."""
    return _sorted(stack.resources_with_role(role))


def _services(users: list[Resource]) -> dict[str, Resource]:
    """The services of these resources, each with the first resource."""
    return {EXECUTION_ROLES[user.type].service: user for user in reversed(users)}


def _is_shared(services: dict[str, Resource]) -> bool:
    return len(services) > 1 and _SAGEMAKER not in services  # the rule sagemaker-role-is-not-shared judges it


class _ExternalRoles:
    """The services that use each role outside the stack, found once for all resources that use it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._known: dict[str, tuple[dict[str, Resource], DeferredUndecided]] = {}

    def of(self, arn: str, user: Resource) -> tuple[dict[str, Resource], DeferredUndecided]:
        if arn not in self._known:
            users, undecided = _sorted(self._stack.resources_sharing_role(user))
            self._known[arn] = _services(users), undecided
        return self._known[arn]


def _shares_external_role(user: Resource, stack: Stack) -> Findings:
    path = EXECUTION_ROLES[user.type].path
    arn = user.get(path)
    if not isinstance(arn, str) or stack.role_of(user) is not None:
        return  # a role of the stack is a subject itself; an unknown one makes the roles that it may be undecided
    services, undecided = (stack.cached(_ExternalRoles) if stack.complete else _ExternalRoles(stack)).of(arn, user)
    if _is_shared(services):
        own = EXECUTION_ROLES[user.type].service
        others = (f"{service} ({other.name})" for service, other in sorted(services.items()) if service != own)
        yield f"shares its role {arn} with {brief_list(others)}", path
    else:
        undecided.raise_noted()


def _sorted(users: Iterable[Resource]) -> tuple[list[Resource], DeferredUndecided]:
    undecided = DeferredUndecided()
    return sorted(undecided.certain(users), key=lambda user: user.name), undecided
