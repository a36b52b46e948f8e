"""Policies that say what they mean: well formed, about things that exist and can be met, and each once."""

from collections.abc import Iterator
from typing import Final

from policypack.access.policy_documents import HOLDERS, Text, texts
from policypack.iam.actions import (
    Action,
    action_names,
    can_apply_to_resource,
    expand_action,
    find_action,
    service_exists,
    supports_condition_key,
)
from policypack.iam.condition_values import requires_value
from policypack.iam.elements import Condition, Entry, Statement
from policypack.iam.global_condition_keys import condition_key_type, is_global_condition_key
from policypack.iam.matching import covers_action, covers_resource, is_pattern
from policypack.iam.statement_normalization import normalized_statement
from policypack.iam.wildcards import (
    brief_list,
    covers_all_resources,
    is_every_resource,
    is_service_wildcard,
)
from policypack.model import Resource, Stack, Undecided
from policypack.model.arn import last_segment
from policypack.rule import Findings, Severity, rule

_GROUP_TOO: Final = "logs:CreateLogStream"
"""Is granted on log groups in AWS's documents, whichever kind of resource the Service Authorization Reference names."""
_ON_STREAMS: Final = "dynamodb:ListStreams"
"""Is granted on streams in AWS's documents (DynamoDB developer guide, "IAM policy to allow a Lambda function to access
stream records"), though it names no resource."""
_MOST: Final = 200  # resources that each action is held against
_COMPARED: Final = 32  # patterns that everything beside them is compared with
_NO_SERVICES: Final = frozenset(("saml",))
"""Prefixes of condition keys that are no services, beside the issuers of tokens (which have a dot)."""


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Write the policy argument as the IAM user guide has it, best with json.dumps.",
)
def role_policy_documents_are_valid(holder: Resource, stack: Stack) -> Findings:
    """A document that IAM refuses stops the deployment halfway, when other things are made already."""
    for text in _texts(holder, stack):
        for problem in text.document.problems:
            place = f"{text.path}.{problem.place}" if problem.place else text.path
            subject = f"whose {problem.place}" if problem.place else "that"
            yield f"has a policy {subject} {problem.text}", place


@rule(
    on=HOLDERS,
    severity=Severity.LOW,
    fix="Look the name up in the Service Authorization Reference, and correct it in the policy argument.",
)
def role_policy_actions_and_keys_exist(holder: Resource, stack: Stack) -> Findings:
    """A name that AWS does not know grants nothing, and denies nothing: IAM takes it without a word."""
    for text in _texts(holder, stack):
        for statement in text.document.statements:
            for entry in (*statement.actions, *statement.not_actions):
                if entry.value and (what := _unknown_action(entry.text())):
                    yield f"names {entry.text()}, {what}", f"{text.path}.{entry.place}"
            for condition in statement.conditions:
                if condition.base and _is_unknown_key(condition.name):
                    yield f"has a condition on {condition.key}, which is no condition key", _at(text, condition)


@rule(
    on=HOLDERS,
    severity=Severity.LOW,
    fix="Name in the Resource of the policy argument what the action is about, or take the action out.",
)
def role_statements_can_take_effect(holder: Resource, stack: Stack) -> Findings:
    """A grant that no request can ever meet is missing where it was meant to be."""
    for text in _texts(holder, stack):
        for statement in text.allowing:
            for entry in statement.actions if len(statement.resources) <= _MOST else ():
                found = expand_action(entry.text()) if entry.known else None
                if found and not _can_apply(found, statement):
                    about = brief_list(resource.text() for resource in statement.resources)
                    yield f"allows {entry.text()} on {about}, where it cannot be done", f"{text.path}.{entry.place}"
            for condition in statement.conditions:
                if requires_value(condition) and _is_never_sent(condition, statement):
                    yield f"asks for {condition.key}, which none of its actions comes with", _at(text, condition)


@rule(
    on=HOLDERS,
    severity=Severity.LOW,
    fix="Take what has no effect out of the policy argument.",
)
def role_statements_are_not_duplicated(holder: Resource, stack: Stack) -> Findings:
    """Whoever takes a grant away, and does not see that it stands there twice or is denied anyway, is mistaken."""
    for text in _texts(holder, stack):
        yield from _said_before(text)
        for statement in text.document.statements:
            if statement.is_allow and not statement.invalid:
                yield from _covered(text, statement)
                yield from _without_effect(text, statement)


def _texts(holder: Resource, stack: Stack) -> Iterator[Text]:
    """The documents of a holder; raises `Undecided` at the end where part of one is not known."""
    unknown = ""
    for text in texts(holder, stack):
        yield text
        if text.document.unknown_places:
            unknown = text.path if text.document.is_unknown else f"{text.path}.{text.document.unknown_places[0]}"
    if unknown:
        raise Undecided(unknown)


def _at(text: Text, condition: Condition) -> str:
    return f"{text.path}.{condition.place}"


def _unknown_action(action: str) -> str:
    """What is wrong with an action's name; nothing where it is known."""
    service, colon, name = action.partition(":")
    if not colon or is_pattern(service):
        return ""
    if not service_exists(service.lower()):
        return "of a service that is not known"
    if is_pattern(action):
        return "" if expand_action(action) else "which stands for nothing"
    if find_action(action):
        return ""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a name that is wrong

    close = get_close_matches(name, action_names(service.lower()), n=1)
    return f"which is no action; there is {service}:{close[0]}" if close else "which is no action"


def _is_unknown_key(name: str) -> bool:
    prefix = name.partition(":")[0]
    if prefix == "aws":
        return not is_global_condition_key(name)
    if "." in prefix or prefix in _NO_SERVICES or ":" not in name:
        return False
    return service_exists(prefix) and condition_key_type(name) is None


def _can_apply(found: tuple[Action, ...], statement: Statement) -> bool:
    if statement.not_resources:
        return True
    return any(
        entry.value is None
        or not entry.value.startswith(("arn:", "*"))  # told as not well formed
        or _is_whole_service(entry.value)
        or any(_fits(action, entry.value) for action in found)
        for entry in statement.resources
    )


def _fits(action: Action, resource: str) -> bool:
    if action.full_name == _ON_STREAMS and "/stream/" in resource:
        return True
    return can_apply_to_resource(
        action, f"{resource}:*" if action.full_name == _GROUP_TOO else resource
    ) or can_apply_to_resource(action, resource)


def _is_whole_service(resource: str) -> bool:
    """Whether it is `arn:aws:s3:::*`, on which actions without a resource are granted, too."""
    return not last_segment(resource).strip("*")


def _is_wide(resource: str, statement: Statement) -> bool:
    """Whether it is told by another rule that the resource is everything of some kind."""
    if not is_pattern(resource) or not resource.startswith(("arn:", "*")):
        return False
    verbs = (action for entry in statement.actions if entry.known for action in expand_action(entry.text()) or ())
    return (
        is_every_resource(resource)
        or _is_whole_service(resource)
        or any(covers_all_resources(verb, resource) for verb in verbs)
    )


def _is_never_sent(condition: Condition, statement: Statement) -> bool:
    """Whether no action of the statement brings the key: one of a service, whose actions they all are."""
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


def _said_before(text: Text) -> Findings:
    """Statements that are the same as an earlier one."""
    seen: dict[object, str] = {}
    for statement in text.document.statements:
        content = normalized_statement(statement)
        if content is None:
            continue
        if content in seen:
            yield f"says what {seen[content]} says", f"{text.path}.{statement.place}"
        seen.setdefault(content, statement.place)


def _covered(text: Text, statement: Statement) -> Findings:
    """Actions and resources that another one beside them covers. All of a service, or of everything, is told alone."""
    for entries, covers in ((statement.actions, covers_action), (statement.resources, covers_resource)):
        known = [entry for entry in entries if entry.known]
        patterns = [entry for entry in known if is_pattern(entry.text())]
        if len(patterns) > _COMPARED or any(
            is_service_wildcard(one.text()) or _is_wide(one.text(), statement) for one in patterns
        ):
            continue
        seen: dict[str, str] = {}
        for entry in known:
            name = entry.text().lower() if covers is covers_action else entry.text()
            others = (one.text() for one in patterns if one.text() != entry.text())
            other = seen.get(name) or next((one for one in others if covers(one, entry.text())), None)
            seen.setdefault(name, entry.text())
            if other is not None:
                yield f"names {entry.text()} beside {other}", f"{text.path}.{entry.place}"


def _without_effect(text: Text, statement: Statement) -> Findings:
    """Actions of which nothing is left, by denials or by the permissions boundary."""
    left = {entry.place for one in text.allowing if one.index == statement.index for entry in one.actions}
    whole = any(one.index == statement.index and one.not_actions for one in text.allowing)
    gone = [entry for entry in statement.actions if entry.known and entry.place not in left]
    if statement.not_actions and not whole and not left:
        yield "allows what is wholly denied", f"{text.path}.{statement.place}.NotAction"
    elif gone:
        message = (
            f"allows {brief_list(map(Entry.text, gone))}, of which denials or the permissions boundary leave nothing"
        )
        yield message, f"{text.path}.{gone[0].place}"
