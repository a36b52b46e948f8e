"""Which roles are of workloads that are at work, and not of those that set workloads up."""

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

_WORKLOADS: Final = frozenset(
    (
        *(FUNCTION, MODEL, ENDPOINT_CONFIGURATION, PIPE),
        *(TASK_DEFINITION, APP_RUNNER_SERVICE),
    )
)
_SERVICES: Final = frozenset(("lambda", "ecs-tasks", "tasks.apprunner", "pipes"))
"""Services that only run what was set up. SageMaker, Step Functions, EC2 and Glue also set things up themselves: their
roles are at work where a resource of the stack says so."""


def runtime_workloads(holder: Resource, stack: Stack) -> list[str]:
    """The names of what is at work under the roles that have a holder's documents, or of those roles themselves.

    Empty where it is not known that anything is.
    """
    roles = [holder] if holder.type == ROLE else [permissions.role for permissions in roles_attached_to(holder, stack)]
    names: dict[str, None] = {}
    for role in roles:
        names.update(dict.fromkeys(_at_work(role, stack)))
    return list(names)


def _at_work(role: Resource, stack: Stack) -> list[str]:
    users: list[Resource] = []
    with suppress(Undecided):  # whoever else may use it
        for user in stack.resources_with_role(role):
            users.append(user)  # noqa: PERF402 - what was found before the doubt counts
    found = [user.name for user in users if user.type in _WORKLOADS]
    if found or users:
        return found
    trusted = {service_name(name) for name in trusted_services(parse_policy(role.get("assumeRolePolicy"), "trust"))}
    return [role.name] if trusted and trusted <= _SERVICES else []
