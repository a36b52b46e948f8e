"""Actions that return credentials, change permissions or set tags, without a condition that limits them."""

from collections.abc import Callable, Iterator
from typing import Final

from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, allow_statements_by_action
from policypack.access.runtime_roles import runtime_workloads
from policypack.iam.actions import Action, find_action
from policypack.iam.condition_values import requires_value
from policypack.iam.elements import Entry, Statement
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES
from policypack.iam.privilege_escalation import PASS_ROLE
from policypack.iam.sensitive_actions import CREDENTIALS_EXPOSURE, manages_permissions
from policypack.iam.wildcards import brief_list, conditions_are_known, fully_named_actions
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule

_JUDGED_BY_OTHER_RULES: Final = frozenset((PASS_ROLE, "kms:CreateGrant")) | DOCUMENTED_ON_ALL_RESOURCES


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Remove the action from the policy argument, or add a condition to its statement that limits the requests.",
    terms=("secrets", "access key", "API key", "token", "BatchGetSecretValue"),
)
def role_does_not_expose_credentials(holder: Resource, stack: Stack) -> Findings:
    """Credentials that an action returns can be used outside the workload, and after it has ended.

    The rule checks for actions without resource-level permissions, based on cloudsplaining's list ("credentials
    exposure"). Other rules check the resources of actions that support resource-level permissions.
    """
    for path, statement, entry, action in _fully_named(holder, stack):
        if (
            action.full_name in CREDENTIALS_EXPOSURE
            and not action.has_resource_level_permissions
            and not any(map(requires_value, statement.conditions))
        ):
            if conditions_are_known(statement):
                yield f"allows {entry.text()}, which returns credentials", f"{path}.{entry.place}"
            else:
                yield Undecided(f"{path}.{statement.place}.Condition")


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Grant the action to the role that deploys the stack, or add a condition to the statement in the policy "
    "argument.",
    terms=("AddPermission", "PutBucketPolicy", "PutResourcePolicy", "SetQueueAttributes", "resource-based policy"),
)
def role_restricts_permissions_management(holder: Resource, stack: Stack) -> Findings:
    """A workload that can change the permissions on its resources can open them to other accounts or the public.

    Actions of the access level "Permissions management" (Service Authorization Reference) pass in roles that deploy
    resources, if the statement names the resources.
    """
    for path, statement, entries in _unconditional(holder, stack, manages_permissions):
        names = runtime_workloads(holder, stack)
        found = entries if names else [entry for entry in entries if not _supports_resources(entry)]
        if not found:
            continue
        if not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        who = brief_list(names) if names else "its principals"
        yield f"lets {who} change permissions with {brief_list(map(Entry.text, found))}", f"{path}.{found[0].place}"


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Add a condition on aws:TagKeys or aws:RequestTag to the statement in the policy argument.",
    terms=("attribute-based access control", "TagResources"),
)
def role_restricts_tagging(holder: Resource, stack: Stack) -> Findings:
    """Where access depends on tags (ABAC), a role that can tag any resource can give itself access to it.

    Other rules check the resources of tagging actions that support resource-level permissions (IAM user guide,
    "Controlling access to AWS resources using tags").
    """
    for path, statement, entries in _unconditional(holder, stack, _sets_tags):
        unlimited = [entry for entry in entries if not _supports_resources(entry)]
        if unlimited and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
        elif unlimited:
            yield (
                f"allows {brief_list(map(Entry.text, unlimited))} with any tag on any resource",
                f"{path}.{unlimited[0].place}",
            )


def _fully_named(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement, Entry, Action]]:
    """The known actions that statements name in full."""
    for path, statement in allow_statements_by_action(holder, stack):
        for entry in fully_named_actions(statement):
            action = find_action(entry.text())
            if action is not None:
                yield path, statement, entry, action


def _unconditional(
    holder: Resource, stack: Stack, kind: Callable[[Action], bool]
) -> Iterator[tuple[str, Statement, list[Entry]]]:
    """The actions of one kind in statements without a condition that limits them."""
    for path, statement in allow_statements_by_action(holder, stack):
        if any(map(requires_value, statement.conditions)):
            continue
        found = [entry for entry in fully_named_actions(statement) if _is_checked(kind, entry)]
        if found:
            yield path, statement, found


def _supports_resources(entry: Entry) -> bool:
    action = find_action(entry.text())
    return action is not None and action.has_resource_level_permissions


def _is_checked(kind: Callable[[Action], bool], entry: Entry) -> bool:
    action = find_action(entry.text())
    return action is not None and kind(action) and action.full_name not in _JUDGED_BY_OTHER_RULES


def _sets_tags(action: Action) -> bool:
    return "Tagging" in action.access_levels
