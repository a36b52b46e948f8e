"""Wildcards that match several actions of a service, or all resources of one type."""

from collections.abc import Iterator
from typing import Final

from policypack.access.narrowing import narrowing_fix
from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, allow_statements
from policypack.iam.actions import Action, ResourceType, expand_action
from policypack.iam.elements import Entry, Statement
from policypack.iam.matching import is_pattern
from policypack.iam.matching import matches_everything as is_any
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES
from policypack.iam.privilege_escalation import PASS_ROLE
from policypack.iam.sensitive_actions import DECRYPT_ACTIONS, is_read_only, sensitivity
from policypack.iam.wildcards import (
    brief_list,
    conditions_are_known,
    conditions_select_resources,
    is_every_resource,
    is_service_wildcard,
    undecided_entries,
)
from policypack.model import DeferredUndecided, Resource, Stack, Undecided
from policypack.model.arn import parse_arn, service_of
from policypack.rule import Fault, Findings, Level, Options, Severity, rule

_JUDGED_BY_OTHER_RULES: Final = DECRYPT_ACTIONS | frozenset(
    (
        *(PASS_ROLE, "iam:CreateServiceLinkedRole", "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"),
        "logs:CreateLogGroup",
    )
)
"""Actions whose resources other rules judge."""

_EXEMPT: Final = _JUDGED_BY_OTHER_RULES | DOCUMENTED_ON_ALL_RESOURCES
_OF_AWS: Final = (":foundation-model/", ":inference-profile/")
"""Resources that AWS owns and whose documentation grants all of them (Amazon Bedrock user guide, "Identity-based policy
examples")."""


class WildcardOptions(Options):
    """`include_read_only`: also report wildcards that match only actions which list and describe."""

    include_read_only: bool = False


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="List the actions that the workload calls in the Action of the policy argument, each by its full name.",
    terms=("asterisk", "glob", "star action", "prefix wildcard"),
)
def role_has_no_partial_wildcard_action(holder: Resource, stack: Stack, options: WildcardOptions) -> Findings:
    """A partial wildcard such as `sqs:Delete*` grants every matching action, including those that AWS adds later.

    Wildcards that match a single action pass, and so do those that match only actions which list and describe, unless
    the option `includeReadOnly` is set (IAM user guide, "Security best practices in IAM": apply least-privilege
    permissions).
    """
    for path, statement, entry, found in _partial_wildcards(holder, stack):
        if not found or any(map(sensitivity, found)) or len(found) < 2:  # noqa: PLR2004 - one match is as good as a name
            continue
        if options.include_read_only or not all(map(is_read_only, found)):
            message = f"allows {entry.text()}, which matches {brief_list(one.full_name for one in found)}"
            yield Fault(message, f"{path}.{entry.place}", narrowing_fix(holder, stack, statement))


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="List the actions that the workload calls in the Action of the policy argument, each by its full name.",
    terms=("exfiltration", "data access", "asterisk", "glob"),
)
def role_lists_sensitive_actions_by_name(holder: Resource, stack: Stack) -> Findings:
    """A wildcard such as `s3:Get*` can include actions that return data or credentials, or that change permissions.

    Sensitive actions are those of the access level "Permissions management" (Service Authorization Reference), and
    those that return credentials or data. A wildcard that matches a single action passes.
    """
    for path, statement, entry, found in _partial_wildcards(holder, stack):
        sensitive = [(one.full_name, what) for one in found or () if (what := sensitivity(one))]
        if found is None:
            yield Fault(f"allows {entry.text()}, which matches actions of several services", f"{path}.{entry.place}")
        elif sensitive and len(found) > 1:
            name, what = sensitive[0]
            message = f"allows {entry.text()}, which matches {len(found)} actions, including {name}, which {what}"
            yield Fault(message, f"{path}.{entry.place}", narrowing_fix(holder, stack, statement))


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name each resource in the Resource of the policy argument, for example `table/NAME` instead of `table/*`.",
    terms=("asterisk", "star resource", "all resources", "account-wide"),
)
def role_has_no_resource_type_wildcard(holder: Resource, stack: Stack) -> Findings:
    """A resource such as `table/*` matches every table of the account, not only those of the stack.

    Statements pass if a condition selects the resources, such as one on aws:ResourceTag. The rule also passes resources
    that AWS owns, such as foundation models, and EC2 actions that create resources, because their IDs do not exist yet
    (IAM user guide, "IAM JSON policy elements: Resource").
    """
    for path, statement in allow_statements(holder, stack):
        if statement.not_resources or conditions_select_resources(statement):
            continue
        wide = list(_type_wildcards(statement))
        if wide and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry, actions, kind in wide:
            message = f"allows {brief_list(actions)} on every {kind}"
            yield Fault(message, f"{path}.{entry.place}", narrowing_fix(holder, stack, statement))
        if not wide and not any(entry.known and is_every_resource(entry.text()) for entry in statement.resources):
            yield from undecided_entries(path, statement.resources)
            yield from undecided_entries(path, statement.actions)


def _partial_wildcards(
    holder: Resource, stack: Stack
) -> Iterator[tuple[str, Statement, Entry, tuple[Action, ...] | None]]:
    """The wildcards that match some actions of a service, each with the actions it matches."""
    undecided = DeferredUndecided()
    for path, statement in allow_statements(holder, stack):
        for entry in statement.actions:
            if not entry.known:
                undecided.note(f"{path}.{entry.place}")
            elif is_pattern(entry.text()) and not is_service_wildcard(entry.text()):
                yield path, statement, entry, expand_action(entry.text())
    undecided.raise_noted()


_ResourceTypes = dict[str, dict[str, tuple[ResourceType, list[str]]]]


def _type_wildcards(statement: Statement) -> Iterator[tuple[Entry, list[str], str]]:
    """Resource patterns that match all resources of a type: with the actions that apply to the type, and its name."""
    entries = [entry for entry in statement.resources if _may_match_a_type(entry.value or "")]
    kinds = _resource_types(statement) if entries else {}
    for entry in entries:
        pattern = entry.text()
        found = [each for each in kinds.get(service_of(pattern), {}).values() if each[0].is_covered_by(pattern)]
        if found:
            covered = {action: None for _, actions in found for action in actions}
            kind = min((kind for kind, _ in found), key=lambda kind: len(kind.arn))
            yield entry, [one.value for one in statement.actions if one.value in covered], kind.name.replace("-", " ")


def _may_match_a_type(pattern: str) -> bool:
    """Whether it is a pattern that this rule judges: not of all resources, nor of resources that AWS owns."""
    if not is_pattern(pattern) or is_every_resource(pattern) or any(owned in pattern for owned in _OF_AWS):
        return False
    arn = parse_arn(pattern)  # role_writes_to_named_log_groups judges all logs
    return arn is None or (arn.service, arn.resource) != ("logs", "*")


def _resource_types(statement: Statement) -> _ResourceTypes:
    """The resource types that a statement's actions apply to, by service and ARN format, with those actions."""
    found: _ResourceTypes = {}
    for entry in statement.actions:
        text = entry.value or ""
        services = (
            [text] if not is_any(text.partition(":")[0]) else [f"{name}:*" for name in _named_services(statement)]
        )
        for action in (one for service in services for one in expand_action(service) or ()):
            if (
                (not is_service_wildcard(text) and action.full_name in _EXEMPT)
                or not action.has_resource_level_permissions
                or _creates_ec2_resources(action)
            ):
                continue
            for kind in action.resource_types:
                by_arn = found.setdefault(service_of(kind.arn), {})
                by_arn.setdefault(kind.arn, (kind, []))[1].append(text)
    return found


def _named_services(statement: Statement) -> set[str]:
    """The services in the ARNs of a statement's resources."""
    services = {service_of(entry.text()) for entry in statement.resources if entry.known}
    return {service for service in services if service and not is_pattern(service)}


def _creates_ec2_resources(action: Action) -> bool:
    """Whether an action creates resources whose IDs are not known before, so that no policy can name them."""
    return action.service == "ec2" and action.name.startswith(("Create", "Run", "Start"))
