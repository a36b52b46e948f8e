"""Roles that hand out no credentials and change no permissions, unless it is said whose."""

from collections.abc import Callable, Iterator
from typing import Final

from policypack.access.policy_documents import HOLDERS, naming
from policypack.access.runtime_roles import workloads
from policypack.iam.actions import Action, find_action
from policypack.iam.condition_values import requires_value
from policypack.iam.elements import Entry, Statement
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES
from policypack.iam.sensitive_actions import CREDENTIALS_EXPOSURE, manages_permissions
from policypack.iam.wildcards import brief_list, conditions_are_known, fully_named_actions
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule

_OWN_RULES: Final = frozenset(("iam:PassRole", "kms:CreateGrant")) | DOCUMENTED_ON_ALL_RESOURCES


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Take the action out of the policy argument, or add a condition that pins who is asked for.",
)
def role_does_not_expose_credentials(holder: Resource, stack: Stack) -> Findings:
    """Credentials that no resource narrows down outlive the work they were taken for, and work elsewhere too.

    Those that can be limited to a resource are judged by their resource.
    """
    for path, statement, entry, action in _known(holder, stack):
        if (
            action.full_name in CREDENTIALS_EXPOSURE
            and not action.has_resource_level_permissions
            and not any(map(requires_value, statement.conditions))
        ):
            if conditions_are_known(statement):
                yield f"allows {entry.text()}, which hands out credentials", f"{path}.{entry.place}"
            else:
                yield Undecided(f"{path}.{statement.place}.Condition")


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Leave the action to whoever deploys, or add a condition to it in the policy argument.",
)
def role_restricts_permissions_management(holder: Resource, stack: Stack) -> Findings:
    """Work that may change who may use what it works with can open all of it to anybody.

    For roles that set things up it is their work, as far as resources are named.
    """
    for path, statement, entries in _unconditional(holder, stack, manages_permissions):
        names = workloads(holder, stack)
        found = entries if names else [entry for entry in entries if not _scopable(entry)]
        if not found:
            continue
        if not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        who = f"lets {brief_list(names)}" if names else "lets its holder"
        yield f"{who} change who may do what by {brief_list(map(Entry.text, found))}", f"{path}.{found[0].place}"


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Pin aws:TagKeys or aws:RequestTag in a condition of the statement.",
)
def role_restricts_tagging(holder: Resource, stack: Stack) -> Findings:
    """Where tags decide on access, whoever sets any tag on anything decides on it.

    Tags of named resources are judged by the resource.
    """
    for path, statement, entries in _unconditional(holder, stack, _tags):
        verbs = [entry for entry in entries if not _scopable(entry)]
        if verbs and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
        elif verbs:
            yield (
                f"may set any tag on anything by {brief_list(map(Entry.text, verbs))}",
                f"{path}.{verbs[0].place}",
            )


def _known(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement, Entry, Action]]:
    """The actions that are named in full, with what is known of them."""
    for path, statement in naming(holder, stack):
        for entry in fully_named_actions(statement):
            action = find_action(entry.text())
            if action is not None:
                yield path, statement, entry, action


def _unconditional(
    holder: Resource, stack: Stack, kind: Callable[[Action], bool]
) -> Iterator[tuple[str, Statement, list[Entry]]]:
    """The actions of a kind in statements that have no condition."""
    for path, statement in naming(holder, stack):
        if any(map(requires_value, statement.conditions)):
            continue
        found = [entry for entry in fully_named_actions(statement) if _is(kind, entry)]
        if found:
            yield path, statement, found


def _scopable(entry: Entry) -> bool:
    action = find_action(entry.text())
    return action is not None and action.has_resource_level_permissions


def _is(kind: Callable[[Action], bool], entry: Entry) -> bool:
    action = find_action(entry.text())
    return action is not None and kind(action) and action.full_name not in _OWN_RULES


def _tags(action: Action) -> bool:
    return "Tagging" in action.access_levels
