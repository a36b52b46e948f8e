"""Wildcards for all actions of a service and for all resources."""

from policypack.access.narrowing import narrowing_fix
from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, allow_statements
from policypack.iam.wildcards import (
    actions_with_resource_level_permissions,
    brief_list,
    conditions_select_resources,
    is_every_action,
    is_every_resource,
    is_service_wildcard,
    undecided_entries,
)
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Fault, Findings, Level, Severity, rule


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="List the actions that the workload calls in the Action of the policy argument.",
    terms=(
        "AdministratorAccess",
        "star",
        "asterisk",
        "full access",
        "over-permissive",
        "overly permissive",
        "excessive permissions",
    ),
)
def role_has_no_wildcard_action(holder: Resource, stack: Stack) -> Findings:
    """A wildcard action such as `sqs:*` grants every action of a service, including those that AWS adds later.

    `*` and NotAction grant the actions of all services; on all resources, these are administrator permissions (Security
    Hub, IAM.1 and IAM.21).
    """
    for path, statement in allow_statements(holder, stack):
        place = f"{path}.{statement.place}"
        stars = [entry.text() for entry in statement.actions if entry.known and is_service_wildcard(entry.text())]
        if stars:
            severity = Severity.CRITICAL if any(map(is_every_action, stars)) else None
            fix = narrowing_fix(holder, stack, statement)
            yield Fault(f"allows {brief_list(stars)}", f"{place}.Action", fix, severity)
        elif statement.not_actions:
            message = "allows every action except those in NotAction"
            fix = narrowing_fix(holder, stack, statement)
            yield Fault(message, f"{place}.NotAction", fix, Severity.CRITICAL)
        else:
            yield from undecided_entries(path, statement.actions)


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Name ARNs in the Resource of the policy argument; put actions that only support `*` in a separate statement.",
    terms=(
        "star",
        "asterisk",
        "all resources",
        "NotResource",
        "account-wide",
        "over-permissive",
        "overly permissive",
        "excessive permissions",
    ),
)
def role_has_no_wildcard_resource(holder: Resource, stack: Stack) -> Findings:
    """With `*` as Resource, leaked credentials give access to every resource of the account, not only the stack's.

    Actions that do not support resource-level permissions pass (Service Authorization Reference), and so does a
    statement with a condition that selects the resources, such as one on aws:ResourceTag.
    """
    for path, statement in allow_statements(holder, stack):
        if conditions_select_resources(statement):
            continue
        if any(not condition.base for condition in statement.conditions):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        place = f"{path}.{statement.place}"
        actions = list(actions_with_resource_level_permissions(statement))
        if statement.not_resources and actions:
            message = f"allows {brief_list(actions)} on every resource except those in NotResource"
            yield Fault(message, f"{place}.NotResource", narrowing_fix(holder, stack, statement))
        elif any(entry.known and is_every_resource(entry.text()) for entry in statement.resources):
            if actions:
                message = f"allows {brief_list(actions)} on every resource"
                yield Fault(message, f"{place}.Resource", narrowing_fix(holder, stack, statement))
            else:
                yield from undecided_entries(path, statement.actions)
        elif actions:
            yield from undecided_entries(path, statement.resources)
