"""Which roles are used by workloads at run time, and not to deploy workloads."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from policypack.access.policy_documents import roles_attached_to
from policypack.iam.documents import parse_policy
from policypack.iam.trust_policies import service_name, trusted_services
from policypack.model import (
    APP_RUNNER_SERVICE,
    ENDPOINT_CONFIGURATION,
    FUNCTION,
    MODEL,
    PIPE,
    ROLE,
    TASK_DEFINITION,
    Undecided,
)

if TYPE_CHECKING:
    from policypack.model import Resource, Stack

_RUNTIME_TYPES: Final = frozenset(
    (
        *(FUNCTION, MODEL, ENDPOINT_CONFIGURATION, PIPE),
        *(TASK_DEFINITION, APP_RUNNER_SERVICE),
    )
)
_RUNTIME_SERVICES: Final = frozenset(("lambda", "ecs-tasks", "tasks.apprunner", "pipes"))
"""Services that only run workloads. SageMaker AI, Step Functions, EC2 and Glue also deploy: a role that they use is one
of a running workload only where a resource of the stack shows it."""


def runtime_workloads(holder: Resource, stack: Stack) -> list[str]:
    """The names of the running workloads of the roles that have a resource's documents.

    For a role that only runtime services trust, and that no resource of the stack uses, the name of the role. Empty
    where it is not known that a workload runs with the documents.
    """
    roles = [holder] if holder.type == ROLE else [permissions.role for permissions in roles_attached_to(holder, stack)]
    names: dict[str, None] = {}
    for role in roles:
        names.update(dict.fromkeys(_runtime_users(role, stack)))
    return list(names)


def _runtime_users(role: Resource, stack: Stack) -> list[str]:
    users: list[Resource] = []
    with suppress(Undecided):  # the role may have more users
        for user in stack.resources_with_role(role):
            users.append(user)  # noqa: PERF402 - what was found before the doubt counts
    found = [user.name for user in users if user.type in _RUNTIME_TYPES]
    if found or users:
        return found
    trusted = {service_name(name) for name in trusted_services(parse_policy(role.get("assumeRolePolicy"), "trust"))}
    return [role.name] if trusted and trusted <= _RUNTIME_SERVICES else []
