"""Policy statements that can take effect, and that grant nothing twice."""

from typing import Final

from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, EffectiveDocument, policy_documents
from policypack.iam.actions import (
    Action,
    can_apply_to_resource,
    expand_action,
    service_exists,
    supports_condition_key,
)
from policypack.iam.condition_values import requires_value
from policypack.iam.elements import Condition, Entry, Statement
from policypack.iam.global_condition_keys import condition_key_type
from policypack.iam.matching import covers_action, covers_resource, is_pattern
from policypack.iam.statement_normalization import normalized_statement
from policypack.iam.wildcards import brief_list, covers_all_resources, is_every_resource, is_service_wildcard
from policypack.model import Resource, Stack
from policypack.model.arn import is_arn_pattern, last_segment
from policypack.rule import Findings, Severity, rule

_ON_LOG_GROUPS: Final = "logs:CreateLogStream"
"""AWS's guides grant it on log groups, whichever resource type the Service Authorization Reference lists."""
_ON_STREAMS: Final = "dynamodb:ListStreams"
"""AWS's guides grant it on streams, though it has no resource type (DynamoDB developer guide, "IAM policy to allow a
Lambda function to access stream records")."""
_MAX_RESOURCES: Final = 200  # resources of a statement that are compared with each action
_MAX_PATTERNS: Final = 32  # patterns of a statement that are compared with every other entry


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.LOW,
    fix="Set Resource in the policy argument to resources that the action applies to, or remove the action.",
    terms=("resource-level permissions", "ineffective", "no effect"),
)
def role_statements_can_take_effect(holder: Resource, stack: Stack) -> Findings:
    """A statement whose action does not apply to its resources, or does not support its condition, grants nothing.

    For example, s3:GetObject on the ARN of a bucket without /*. Each action's resource types and condition keys are in
    the Service Authorization Reference.
    """
    for text in policy_documents(holder, stack):
        for statement in text.allow_statements:
            for entry in statement.actions if len(statement.resources) <= _MAX_RESOURCES else ():
                found = expand_action(entry.text()) if entry.known else None
                if found and not _can_apply(found, statement):
                    target = brief_list(resource.text() for resource in statement.resources)
                    message = f"allows {entry.text()} on {target}, to which the action does not apply"
                    yield message, f"{text.path}.{entry.place}"
            for condition in statement.conditions:
                if requires_value(condition) and _is_unsupported(condition, statement):
                    message = f"has a condition on {condition.key}, which none of its actions supports"
                    yield message, f"{text.path}.{condition.place}"


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.LOW,
    fix="Remove what is repeated or has no effect from the policy argument.",
    terms=("duplicate statement", "overlapping"),
)
def role_statements_are_not_duplicated(holder: Resource, stack: Stack) -> Findings:
    """A permission that a policy grants twice is still granted after one of the two is removed.

    The rule also reports actions that a Deny or the permissions boundary removes completely, because their Allow has no
    effect (IAM user guide, "IAM Access Analyzer policy check reference": "Redundant action", "Redundant statement").
    """
    for text in policy_documents(holder, stack):
        yield from _repeated_statements(text)
        for statement in text.document.statements:
            if statement.is_allow and not statement.invalid:
                yield from _covered_entries(text, statement)
                yield from _ineffective_actions(text, statement)


def _can_apply(found: tuple[Action, ...], statement: Statement) -> bool:
    if statement.not_resources:
        return True
    return any(
        entry.value is None
        or not is_arn_pattern(entry.value)  # reported as an invalid document
        or _is_whole_service(entry.value)
        or any(_applies(action, entry.value) for action in found)
        for entry in statement.resources
    )


def _applies(action: Action, resource: str) -> bool:
    if action.full_name == _ON_STREAMS and "/stream/" in resource:
        return True
    return can_apply_to_resource(
        action, f"{resource}:*" if action.full_name == _ON_LOG_GROUPS else resource
    ) or can_apply_to_resource(action, resource)


def _is_whole_service(resource: str) -> bool:
    """Whether it stands for all resources of a service, as `arn:aws:s3:::*`: every action of the service applies."""
    return not last_segment(resource).strip("*")


def _is_reported_wildcard(resource: str, statement: Statement) -> bool:
    """Whether the rules on wildcards report the resource, because it stands for all resources of a type."""
    if not is_pattern(resource) or not is_arn_pattern(resource):
        return False
    verbs = (action for entry in statement.actions if entry.known for action in expand_action(entry.text()) or ())
    return (
        is_every_resource(resource)
        or _is_whole_service(resource)
        or any(covers_all_resources(verb, resource) for verb in verbs)
    )


def _is_unsupported(condition: Condition, statement: Statement) -> bool:
    """Whether no action of the statement supports the key, which belongs to the service of all of them."""
    prefix = condition.name.partition(":")[0]
    if prefix == "aws" or not service_exists(prefix) or condition_key_type(condition.name) is None:
        return False
    actions: list[Action] = []
    for entry in statement.actions:
        found = expand_action(entry.text()) if entry.known else None
        if not found:
            return False
        actions += found
    return bool(actions) and all(
        one.service == prefix and not supports_condition_key(one, condition.name) for one in actions
    )


def _repeated_statements(text: EffectiveDocument) -> Findings:
    """Statements that are equal to an earlier one."""
    seen: dict[object, str] = {}
    for statement in text.document.statements:
        content = normalized_statement(statement)
        if content is None:
            continue
        if content in seen:
            yield f"repeats {seen[content]}", f"{text.path}.{statement.place}"
        seen.setdefault(content, statement.place)


def _covered_entries(text: EffectiveDocument, statement: Statement) -> Findings:
    """Actions and resources that another entry of the statement covers, except wildcards that other rules report."""
    for entries, covers in ((statement.actions, covers_action), (statement.resources, covers_resource)):
        known = [entry for entry in entries if entry.known]
        patterns = [entry for entry in known if is_pattern(entry.text())]
        if len(patterns) > _MAX_PATTERNS or any(
            is_service_wildcard(one.text()) or _is_reported_wildcard(one.text(), statement) for one in patterns
        ):
            continue
        seen: dict[str, str] = {}
        for entry in known:
            name = entry.text().lower() if covers is covers_action else entry.text()
            others = (one.text() for one in patterns if one.text() != entry.text())
            other = seen.get(name) or next((one for one in others if covers(one, entry.text())), None)
            seen.setdefault(name, entry.text())
            if other is not None:
                yield f"lists {entry.text()}, which {other} covers", f"{text.path}.{entry.place}"


def _ineffective_actions(text: EffectiveDocument, statement: Statement) -> Findings:
    """Actions that denials or the permissions boundary remove completely."""
    left = {entry.place for one in text.allow_statements if one.index == statement.index for entry in one.actions}
    whole = any(one.index == statement.index and one.not_actions for one in text.allow_statements)
    gone = [entry for entry in statement.actions if entry.known and entry.place not in left]
    if statement.not_actions and not whole and not left:
        yield "allows only actions that are denied", f"{text.path}.{statement.place}.NotAction"
    elif gone:
        message = (
            f"allows {brief_list(map(Entry.text, gone))}, which a Deny or the permissions boundary removes completely"
        )
        yield message, f"{text.path}.{gone[0].place}"
