"""Roles that write their own logs."""

from collections.abc import Iterator
from typing import Final

from policypack.access.arn_index import Owned
from policypack.access.narrowing import narrowed
from policypack.access.policy_documents import HOLDERS, naming, roles_with
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

_CREATE: Final = "logs:CreateLogGroup"


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Name the log group in the Resource of the policy argument, followed by `:*` for its streams.",
)
def role_writes_to_named_log_groups(holder: Resource, stack: Stack) -> Findings:
    """Whoever writes to every log can drown the others' in noise, or put words into their mouths."""
    for path, statement in naming(holder, stack):
        if conditions_select_resources(statement):
            continue
        verbs = [
            entry.text()
            for entry in statement.actions
            if entry.known and overlaps_action(entry.text(), "logs:*") and entry.text().lower() != _CREATE.lower()
        ]
        wide = [entry for entry in statement.resources if entry.known and _is_every_log(entry.text())]
        if verbs and wide and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry in wide if verbs else ():
            message = f"allows {brief_list(verbs)} on every log group"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Leave logs:CreateLogGroup out: the aws.cloudwatch.LogGroup of the program is there first.",
)
def role_does_not_create_log_groups_of_the_stack(holder: Resource, stack: Stack) -> Findings:
    """A log group that its writer creates anew after it was deleted has no retention, no key and no owner."""
    owned, groups = stack.once(Owned), None
    for path, statement in naming(holder, stack):
        creating = [entry for entry in fully_named_actions(statement) if entry.text().lower() == _CREATE.lower()]
        if not creating or applies_to_all_resources(statement):
            continue
        patterns = [entry.text() for entry in statement.resources if entry.known]
        named = [pattern for pattern in patterns if not _is_every_group(pattern)]
        own = {one.name for pattern in named for one in owned.owners(pattern) if one.type == LOG_GROUP}
        if len(named) < len(patterns):
            groups = list(_groups_of(holder, stack)) if groups is None else groups
            own.update(group.name for group in groups)
        for entry in creating if own else ():
            yield f"may create {brief_list(sorted(own))}, which the stack makes", f"{path}.{entry.place}"


def _is_every_log(resource: str) -> bool:
    """Whether it is `arn:aws:logs:*:*:*`, in whatever account and region; `log-group:*` is a kind of resource."""
    arn = parse_arn(resource)
    return arn is not None and arn.service == "logs" and arn.resource.strip("*") == ""


def _is_every_group(resource: str) -> bool:
    return _is_every_log(resource) or any(covers_all_resources(one, resource) for one in expand_action(_CREATE) or ())


def _groups_of(holder: Resource, stack: Stack) -> Iterator[Resource]:
    """The log groups of the stack that those who work under the holder's roles write to."""
    roles = [holder] if holder.type == ROLE else [rights.role for rights in roles_with(holder, stack)]
    wired = {urn for role in roles for user in stack.users_of(role) for urn in stack.once(Wiring).of(user).urns}
    yield from (group for group in stack.of_type(LOG_GROUP) if group.urn in wired)
