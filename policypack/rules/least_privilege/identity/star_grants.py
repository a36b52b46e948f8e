"""Roles that may do what their work needs, and nothing beside it."""

import re
from typing import Final

from policypack.access.narrowing import narrowed
from policypack.access.policy_documents import HOLDERS, allowing
from policypack.iam.documents import parse_policy
from policypack.iam.wildcards import (
    actions_with_resource_level_permissions,
    brief_list,
    conditions_select_resources,
    is_every_action,
    is_every_resource,
    is_service_wildcard,
    undecided_entries,
)
from policypack.model import ROLE, Resource, Stack, Undecided
from policypack.rule import Fault, Findings, Level, Severity, rule

_COMPANIONS: Final = {"edgelambda": "lambda", "opensearchservice": "es", "redshift-serverless": "redshift"}
"""Principals that AWS's documents put beside another one in the same trust policy."""

_REGION: Final = re.compile(r"\.[a-z]{2}(?:-[a-z]+)+-\d(?=\.|$)")
_SUFFIX: Final = re.compile(r"\.amazonaws\.(?:com|com\.cn|eu)$")


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Name in the Action of the policy argument what the workload calls, and no more.",
)
def role_has_no_wildcard_action(holder: Resource, stack: Stack) -> Findings:
    """All actions of a service include those that delete, reconfigure and hand on, and those AWS will add tomorrow.

    All actions of all services make whoever has them the account's administrator, or leave that to the resources.
    """
    for path, statement in allowing(holder, stack):
        place = f"{path}.{statement.place}"
        stars = [entry.text() for entry in statement.actions if entry.known and is_service_wildcard(entry.text())]
        if stars:
            severity = Severity.CRITICAL if any(map(is_every_action, stars)) else None
            fix = narrowed(holder, stack, statement)
            yield Fault(f"allows {brief_list(stars)}", f"{place}.Action", fix, severity)
        elif statement.not_actions:
            message = "allows every action but the ones it names"
            fix = narrowed(holder, stack, statement)
            yield Fault(message, f"{place}.NotAction", fix, Severity.CRITICAL)
        else:
            yield from undecided_entries(path, statement.actions)


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Name ARNs in the Resource of the policy argument; give actions that only work on * a statement of their own.",
)
def role_has_no_wildcard_resource(holder: Resource, stack: Stack) -> Findings:
    """On `*` one leaked credential reaches every table, queue and endpoint of the account, not only the stack's own.

    Actions that no policy can limit to a resource are free to stand on `*`, and so is a statement whose condition
    picks the resources.
    """
    for path, statement in allowing(holder, stack):
        if conditions_select_resources(statement):
            continue
        if any(not condition.base for condition in statement.conditions):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        place = f"{path}.{statement.place}"
        actions = list(actions_with_resource_level_permissions(statement))
        if statement.not_resources and actions:
            message = f"allows {brief_list(actions)} on every resource but the ones it names"
            yield Fault(message, f"{place}.NotResource", narrowed(holder, stack, statement))
        elif any(entry.known and is_every_resource(entry.text()) for entry in statement.resources):
            if actions:
                message = f"allows {brief_list(actions)} on every resource"
                yield Fault(message, f"{place}.Resource", narrowed(holder, stack, statement))
            else:
                yield from undecided_entries(path, statement.actions)
        elif actions:
            yield from undecided_entries(path, statement.resources)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Name one service in assume_role_policy, and make an aws.iam.Role of its own for each other one.",
)
def role_trusts_one_service(role: Resource) -> Findings:
    """Whatever one of the services is granted, the others may do too, in the name of the first."""
    document = parse_policy(role.get("assumeRolePolicy"), "trust")
    if document.is_unknown:
        raise Undecided("assumeRolePolicy")
    principals = [
        principal
        for statement in document.statements
        if statement.is_allow and not statement.invalid
        for principal in statement.principals
        if principal.kind == "Service"
    ]
    services = sorted({_service(principal.value) for principal in principals if principal.value is not None})
    if len(services) > 1:
        yield f"trusts {len(services)} services, {brief_list(services)}", "assumeRolePolicy"
    elif any(principal.value is None for principal in principals):
        raise Undecided("assumeRolePolicy")


def _service(principal: str) -> str:
    """A service by its short name, whatever the region and partition: `states.eu-west-1.amazonaws.com` is states."""
    name = _REGION.sub("", _SUFFIX.sub("", principal))
    return _COMPANIONS.get(name, name)
