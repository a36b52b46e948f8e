"""Permissions to write to CloudWatch log groups and to create them."""

from collections.abc import Iterator
from typing import Final

from policypack.access.arn_index import ArnIndex
from policypack.access.narrowing import narrowing_fix
from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, allow_statements_by_action, roles_attached_to
from policypack.access.wiring import Wiring
from policypack.iam.actions import expand_action
from policypack.iam.matching import overlaps_action
from policypack.iam.wildcards import (
    applies_to_all_resources,
    brief_list,
    conditions_are_known,
    conditions_select_resources,
    covers_all_resources,
    fully_named_actions,
)
from policypack.model import LOG_GROUP, ROLE, Resource, Stack, Undecided
from policypack.model.arn import parse_arn
from policypack.rule import Fault, Findings, Severity, rule

_CREATE_LOG_GROUP: Final = "logs:CreateLogGroup"


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Name the ARN of the log group in the Resource of the policy argument, followed by `:*` for its log streams.",
    terms=("PutLogEvents", "CreateLogStream", "log injection"),
)
def role_writes_to_named_log_groups(holder: Resource, stack: Stack) -> Findings:
    """A role that can write to every log group can flood the logs of other workloads and forge entries in them.

    The rule checks for resources such as `arn:aws:logs:*:*:*`; role-has-no-resource-type-wildcard checks for
    `log-group:*` (CloudWatch Logs user guide, "Overview of managing access permissions to your CloudWatch Logs
    resources").
    """
    for path, statement in allow_statements_by_action(holder, stack):
        if conditions_select_resources(statement):
            continue
        actions = [
            entry.text()
            for entry in statement.actions
            if entry.known
            and overlaps_action(entry.text(), "logs:*")
            and entry.text().lower() != _CREATE_LOG_GROUP.lower()
        ]
        wide = [entry for entry in statement.resources if entry.known and _is_every_log_resource(entry.text())]
        if actions and wide and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry in wide if actions else ():
            message = f"allows {brief_list(actions)} on every log group"
            yield Fault(message, f"{path}.{entry.place}", narrowing_fix(holder, stack, statement))


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Remove logs:CreateLogGroup from the policy argument: the stack's aws.cloudwatch.LogGroup creates it.",
    terms=("never expire", "log retention", "orphaned log group"),
)
def role_does_not_create_log_groups_of_the_stack(holder: Resource, stack: Stack) -> Findings:
    """A log group that a workload creates again after its deletion has no retention period, KMS key or tags.

    Nothing deletes it later, because it does not belong to the stack. The rule checks only log groups that the stack
    declares; their functions do not need logs:CreateLogGroup (Lambda developer guide, "Sending Lambda function logs to
    CloudWatch Logs").
    """
    owned, groups = stack.cached(ArnIndex), None
    for path, statement in allow_statements_by_action(holder, stack):
        creating = [
            entry for entry in fully_named_actions(statement) if entry.text().lower() == _CREATE_LOG_GROUP.lower()
        ]
        if not creating or applies_to_all_resources(statement):
            continue
        patterns = [entry.text() for entry in statement.resources if entry.known]
        named = [pattern for pattern in patterns if not _is_every_log_group(pattern)]
        own = {one.name for pattern in named for one in owned.matches(pattern) if one.type == LOG_GROUP}
        if len(named) < len(patterns):
            groups = list(_log_groups_of_workloads(holder, stack)) if groups is None else groups
            own.update(group.name for group in groups)
        for entry in creating if own else ():
            yield (
                f"allows {entry.text()} for {brief_list(sorted(own))}, which the stack declares",
                f"{path}.{entry.place}",
            )


def _is_every_log_resource(resource: str) -> bool:
    """Whether it is `arn:aws:logs:*:*:*`, for any account and region. `log-group:*` names a resource type."""
    arn = parse_arn(resource)
    return arn is not None and arn.service == "logs" and arn.resource.strip("*") == ""


def _is_every_log_group(resource: str) -> bool:
    return _is_every_log_resource(resource) or any(
        covers_all_resources(one, resource) for one in expand_action(_CREATE_LOG_GROUP) or ()
    )


def _log_groups_of_workloads(holder: Resource, stack: Stack) -> Iterator[Resource]:
    """The log groups of the stack that the workloads of the holder's roles write to."""
    roles = [holder] if holder.type == ROLE else [permissions.role for permissions in roles_attached_to(holder, stack)]
    wired = {
        urn
        for role in roles
        for user in stack.resources_with_role(role)
        for urn in stack.cached(Wiring).connections_of(user).urns
    }
    yield from (group for group in stack.of_type(LOG_GROUP) if group.urn in wired)
