"""Roles whose policies name actions and resources, not patterns that take whole kinds of them."""

from collections.abc import Iterator
from typing import Final

from policypack.access.narrowing import narrowed
from policypack.access.policy_documents import HOLDERS, allowing
from policypack.iam.actions import Action, ResourceType, expand_action
from policypack.iam.elements import Entry, Statement
from policypack.iam.matching import is_pattern
from policypack.iam.matching import matches_everything as is_any
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES
from policypack.iam.sensitive_actions import is_read_only, sensitivity
from policypack.iam.wildcards import (
    brief_list,
    conditions_are_known,
    conditions_select_resources,
    is_every_resource,
    is_service_wildcard,
    undecided_entries,
)
from policypack.model import Resource, Stack, Undecided
from policypack.model.arn import parse_arn, service_of
from policypack.rule import Fault, Findings, Level, Options, Severity, rule

OWN_RULES: Final = frozenset(
    (
        *("iam:PassRole", "iam:CreateServiceLinkedRole", "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"),
        *("kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "logs:CreateLogGroup"),
    )
)
"""Actions that have rules of their own about where they may stand."""

_EXEMPT: Final = OWN_RULES | DOCUMENTED_ON_ALL_RESOURCES
_OF_AWS: Final = (":foundation-model/", ":inference-profile/")
"""Resources that AWS owns, and that its documents grant as a whole (Amazon Bedrock user guide, "Identity-based policy
examples")."""


class PatternOptions(Options):
    """`reading`: also report patterns that only take verbs which list and describe."""

    reading: bool = False


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Write the actions out in the Action of the policy argument, those that the workload calls.",
)
def role_has_no_partial_wildcard_action(holder: Resource, stack: Stack, options: PatternOptions) -> Findings:
    """A pattern takes more verbs than anybody thought of when it was written, and those that AWS adds to it."""
    for path, statement, entry, found in _patterns(holder, stack):
        if not found or any(map(sensitivity, found)) or len(found) < 2:  # noqa: PLR2004 - one verb is as good as its name
            continue
        if options.reading or not all(map(is_read_only, found)):
            message = f"allows {entry.text()}, which is {brief_list(one.full_name for one in found)}"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Write the actions out in the Action of the policy argument, those that the workload calls.",
)
def role_lists_sensitive_actions_by_name(holder: Resource, stack: Stack) -> Findings:
    """Verbs that show data, hand out credentials or change who may do what are granted one by one, or unawares."""
    for path, statement, entry, found in _patterns(holder, stack):
        grave = [(one.full_name, what) for one in found or () if (what := sensitivity(one))]
        if found is None:
            yield Fault(f"allows {entry.text()}, of whatever service", f"{path}.{entry.place}")
        elif grave and len(found) > 1:
            name, what = grave[0]
            message = f"allows {entry.text()}, which is {len(found)} actions and with {name} {what}"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the resources in the Resource of the policy argument by their names.",
)
def role_has_no_resource_type_wildcard(holder: Resource, stack: Stack) -> Findings:
    """`table/*` is every table of the account, as `*` is: only what other services own is left out.

    Free are statements whose condition picks the resources, and what has no name yet when it is created.
    """
    for path, statement in allowing(holder, stack):
        if statement.not_resources or conditions_select_resources(statement):
            continue
        wide = list(_whole(statement))
        if wide and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry, actions, kind in wide:
            message = f"allows {brief_list(actions)} on every {kind}"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))
        if not wide and not any(entry.known and is_every_resource(entry.text()) for entry in statement.resources):
            yield from undecided_entries(path, statement.resources)
            yield from undecided_entries(path, statement.actions)


def _patterns(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement, Entry, tuple[Action, ...] | None]]:
    """The patterns of actions that are not all of a service, with what they stand for."""
    unknown: Undecided | None = None
    for path, statement in allowing(holder, stack):
        for entry in statement.actions:
            if not entry.known:
                unknown = unknown or Undecided(f"{path}.{entry.place}")
            elif is_pattern(entry.text()) and not is_service_wildcard(entry.text()):
                yield path, statement, entry, expand_action(entry.text())
    if unknown:
        raise unknown


_Kinds = dict[str, dict[str, tuple[ResourceType, list[str]]]]


def _whole(statement: Statement) -> Iterator[tuple[Entry, list[str], str]]:
    """Resource patterns that take all resources of a kind: with the actions that they leave on them, and the kind."""
    kinds = _kinds(statement) if any(entry.known and is_pattern(entry.text()) for entry in statement.resources) else {}
    for entry in statement.resources if kinds else ():
        pattern = entry.value or ""
        if not is_pattern(pattern) or is_every_resource(pattern) or any(owned in pattern for owned in _OF_AWS):
            continue
        service = service_of(pattern)
        if service == "logs" and (arn := parse_arn(pattern)) is not None and arn.resource == "*":
            continue  # all logs: a rule of its own
        found = [each for each in kinds.get(service, {}).values() if each[0].is_covered_by(pattern)]
        if found:
            verbs = {verb: None for _, actions in found for verb in actions}
            kind = min((kind for kind, _ in found), key=lambda kind: len(kind.arn))
            yield entry, [one.value for one in statement.actions if one.value in verbs], kind.name.replace("-", " ")


def _kinds(statement: Statement) -> _Kinds:
    """The kinds of resources that a statement's actions are about, by service and ARN, with those actions."""
    found: _Kinds = {}
    for entry in statement.actions:
        text = entry.value or ""
        services = [text] if not is_any(text.partition(":")[0]) else [f"{name}:*" for name in _named(statement)]
        for action in (one for service in services for one in expand_action(service) or ()):
            if (
                (not is_service_wildcard(text) and action.full_name in _EXEMPT)
                or not action.has_resource_level_permissions
                or _creates(action)
            ):
                continue
            for kind in action.resource_types:
                by_arn = found.setdefault(service_of(kind.arn), {})
                by_arn.setdefault(kind.arn, (kind, []))[1].append(text)
    return found


def _named(statement: Statement) -> set[str]:
    """The services whose ARNs a statement names."""
    services = {service_of(entry.text()) for entry in statement.resources if entry.known}
    return {service for service in services if service and not is_pattern(service)}


def _creates(action: Action) -> bool:
    """Whether it makes things that get their ids then, so that no policy can name them."""
    return action.service == "ec2" and action.name.startswith(("Create", "Run", "Start"))
