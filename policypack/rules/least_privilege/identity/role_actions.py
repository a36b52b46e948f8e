"""Roles that pass on, take on or create other roles only where it is said which."""

from collections.abc import Iterator
from typing import Final

import msgspec

from policypack.access.narrowing import narrowed
from policypack.access.policy_documents import HOLDERS, naming
from policypack.iam.actions import Action, find_action
from policypack.iam.condition_values import required_values
from policypack.iam.elements import Entry, Statement
from policypack.iam.matching import covers_action, covers_resource
from policypack.iam.wildcards import (
    applies_to_all_resources,
    brief_list,
    conditions_are_known,
    covers_all_resources,
    is_service_wildcard,
    undecided_entries,
)
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Fault, Findings, Level, Severity, rule

PASS_ROLE: Final = "iam:PassRole"  # noqa: S105 - the name of an action
_TO: Final = ("iam:PassedToService", "iam:AssociatedResourceArn")
"""Keys that say where a role may go (IAM user guide, "Grant a user permissions to pass a role to an AWS service").
Tags of the role are none: "You cannot limit permissions to pass a role based on tags"."""


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the role in the Resource of the policy argument, and the service in a condition on iam:PassedToService.",
)
def role_passes_roles_to_named_services(holder: Resource, stack: Stack) -> Findings:
    """Whoever may pass any role to anything may do what the strongest role of the account may do."""
    for path, statement, entry in _wide(holder, stack, PASS_ROLE):
        if not _receivers(statement):
            yield Fault(
                f"may pass every role that {entry.text()} stands for, to any service",
                f"{path}.{entry.place}",
                narrowed(holder, stack, statement),
            )


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Name the role in the Resource of the policy argument.",
)
def role_passes_named_roles(holder: Resource, stack: Stack) -> Findings:
    """A service that may be handed any role is handed, one day, one that was made for something else."""
    for path, statement, entry in _wide(holder, stack, PASS_ROLE):
        receivers = _receivers(statement)
        if receivers:
            known = [receiver.text() for receiver in receivers if receiver.known]
            message = f"may pass every role that {entry.text()} stands for to {brief_list(known) or 'some services'}"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the role to assume in the Resource of the policy argument.",
)
def role_assumes_named_roles(holder: Resource, stack: Stack) -> Findings:
    """Every role that trusts the account, in this one and in others, is open to whoever may assume them all."""
    for path, statement, entry in _wide(holder, stack, "sts:AssumeRole"):
        message = f"may assume every role that {entry.text()} stands for"
        yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Add a condition to the statement that pins iam:AWSServiceName, or name the service in the path of the role.",
)
def role_creates_service_linked_roles_for_named_services(holder: Resource, stack: Stack) -> Findings:
    """A service-linked role lets its service work in the account, whichever service that is."""
    for path, statement, entry in _wide(holder, stack, "iam:CreateServiceLinkedRole"):
        if not required_values(statement.conditions, "iam:AWSServiceName"):
            yield "may create the service-linked role of any service", f"{path}.{entry.place}"


def _wide(holder: Resource, stack: Stack, action: str) -> Iterator[tuple[str, Statement, Entry]]:
    """The resources of statements about an action that leave it on everything, where no star rule says so already."""
    known, unknown = find_action(action), None
    for path, statement in naming(holder, stack):
        verbs = [entry.text() for entry in statement.actions if entry.known]
        if known is None or not any(covers_action(verb, action) and not is_service_wildcard(verb) for verb in verbs):
            continue
        if applies_to_all_resources(statement):
            continue
        wide = [entry for entry in statement.resources if entry.known and _is_wide(known, entry.text())]
        if wide and not conditions_are_known(statement):
            unknown = Undecided(f"{path}.{statement.place}.Condition")
            continue
        yield from ((path, statement, entry) for entry in wide)
        if not wide:
            unknown = next(undecided_entries(path, statement.resources), unknown)
    if unknown is not None:
        raise unknown


def _receivers(statement: Statement) -> tuple[Entry, ...]:
    """Where a role may go. Every request to pass a role says where, so `...IfExists` is as good as without."""
    conditions = [msgspec.structs.replace(condition, if_exists=False) for condition in statement.conditions]
    return tuple(value for key in _TO for value in required_values(conditions, key))


def _is_wide(action: Action, resource: str) -> bool:
    if action.name == "CreateServiceLinkedRole":
        head = resource.rpartition(":")[0]
        if covers_resource(resource, f"{head}:role/aws-service-role/*"):
            return True
    return covers_all_resources(action, resource)
