"""Permissions to pass, assume or create other roles, which name the role or the service."""

from collections.abc import Iterator
from typing import Final

import msgspec

from policypack.access.narrowing import narrowing_fix
from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, allow_statements_by_action
from policypack.iam.actions import Action, find_action
from policypack.iam.condition_values import required_values
from policypack.iam.elements import Entry, Statement
from policypack.iam.matching import covers_action, covers_resource
from policypack.iam.privilege_escalation import PASS_ROLE
from policypack.iam.wildcards import (
    applies_to_all_resources,
    brief_list,
    conditions_are_known,
    covers_all_resources,
    is_service_wildcard,
    undecided_entries,
)
from policypack.model import DeferredUndecided, Resource, Stack
from policypack.rule import Fault, Findings, Level, Severity, rule

_RECEIVER_KEYS: Final = ("iam:PassedToService", "iam:AssociatedResourceArn")
"""Condition keys that limit the receiver of a role (IAM user guide, "Grant a user permissions to pass a role to an AWS
service"). Tags of the role do not: "You cannot limit permissions to pass a role based on tags"."""


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the role in the Resource of the policy argument, and the service in a condition on iam:PassedToService.",
    terms=("PassRole", "privesc", "privilege escalation"),
)
def role_passes_roles_to_named_services(holder: Resource, stack: Stack) -> Findings:
    """A role that can pass any role to any service can use the permissions of every role in the account.

    The Resource can limit the roles, and a condition on iam:PassedToService or iam:AssociatedResourceArn the service. A
    condition on the tags of the passed role has no effect (IAM user guide, "Grant a user permissions to pass a role to
    an AWS service").
    """
    for path, statement, entry in _on_all_roles(holder, stack, PASS_ROLE):
        if not _receivers(statement):
            yield Fault(
                f"allows iam:PassRole on every role that {entry.text()} matches, to any service",
                f"{path}.{entry.place}",
                narrowing_fix(holder, stack, statement),
            )


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Name the ARN of the role in the Resource of the policy argument.",
    terms=("PassRole", "PassedToService"),
)
def role_passes_named_roles(holder: Resource, stack: Stack) -> Findings:
    """A role that can pass any role to a service can give it the permissions of a role made for another purpose.

    This holds even if a condition limits which service receives the role (IAM user guide, "Grant a user permissions to
    pass a role to an AWS service").
    """
    for path, statement, entry in _on_all_roles(holder, stack, PASS_ROLE):
        receivers = _receivers(statement)
        if receivers:
            known = [receiver.text() for receiver in receivers if receiver.known]
            receiver = brief_list(known) or "some services"
            message = f"allows iam:PassRole on every role that {entry.text()} matches, to {receiver}"
            yield Fault(message, f"{path}.{entry.place}", narrowing_fix(holder, stack, statement))


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the ARN of the role to assume in the Resource of the policy argument.",
    terms=("sts:AssumeRole", "AssumeRole", "role chaining", "cross-account", "lateral movement"),
)
def role_assumes_named_roles(holder: Resource, stack: Stack) -> Findings:
    """A role that can assume any role has the permissions of every role, in any account, that trusts its account.

    AWS recommends naming the ARNs of the roles (IAM user guide, "Grant a user permissions to switch roles").
    """
    for path, statement, entry in _on_all_roles(holder, stack, "sts:AssumeRole"):
        message = f"allows sts:AssumeRole on every role that {entry.text()} matches"
        yield Fault(message, f"{path}.{entry.place}", narrowing_fix(holder, stack, statement))


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Add a condition on iam:AWSServiceName to the statement in the policy argument, or name the service in the "
    "path of the role in its Resource.",
    terms=("SLR", "CreateServiceLinkedRole", "AWSServiceRoleFor"),
)
def role_creates_service_linked_roles_for_named_services(holder: Resource, stack: Stack) -> Findings:
    """A role that can create any service-linked role can give any AWS service permissions in the account.

    A condition on iam:AWSServiceName, or the service in the role's path, limits it to one service (IAM user guide,
    "Create a service-linked role").
    """
    for path, statement, entry in _on_all_roles(holder, stack, "iam:CreateServiceLinkedRole"):
        if not required_values(statement.conditions, "iam:AWSServiceName"):
            yield "allows iam:CreateServiceLinkedRole for any service", f"{path}.{entry.place}"


def _on_all_roles(holder: Resource, stack: Stack, action: str) -> Iterator[tuple[str, Statement, Entry]]:
    """The resources that allow an action on all roles; without those that role_has_no_wildcard_resource reports."""
    known, undecided = find_action(action), DeferredUndecided()
    for path, statement in allow_statements_by_action(holder, stack):
        actions = [entry.text() for entry in statement.actions if entry.known]
        if known is None or not any(covers_action(each, action) and not is_service_wildcard(each) for each in actions):
            continue
        if applies_to_all_resources(statement):
            continue
        wide = [entry for entry in statement.resources if entry.known and _matches_all_roles(known, entry.text())]
        if wide and not conditions_are_known(statement):
            undecided.replace(f"{path}.{statement.place}.Condition")
            continue
        yield from ((path, statement, entry) for entry in wide)
        if not wide:
            undecided.replace(next(undecided_entries(path, statement.resources), None))
    undecided.raise_noted()


def _receivers(statement: Statement) -> tuple[Entry, ...]:
    """The services that can receive a role. Each request has these keys, so `...IfExists` makes no difference."""
    conditions = [msgspec.structs.replace(condition, if_exists=False) for condition in statement.conditions]
    return tuple(value for key in _RECEIVER_KEYS for value in required_values(conditions, key))


def _matches_all_roles(action: Action, resource: str) -> bool:
    if action.name == "CreateServiceLinkedRole":
        head = resource.rpartition(":")[0]
        if covers_resource(resource, f"{head}:role/aws-service-role/*"):
            return True
    return covers_all_resources(action, resource)
