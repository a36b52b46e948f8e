"""What AWS answers to a request: identity-based policies, and a permissions boundary around them.

IAM user guide, "Policy evaluation logic": an explicit deny in any policy wins; then a statement has to allow, in the
policies as well as in the boundary; otherwise the request is denied implicitly. Parts that are not known make the
answer undecided where it hangs on them, and only there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.iam.condition_evaluation import condition_is_met
from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.matching import action_matches, matches_everything, resource_matches
from policypack.iam.policy_variables import substitute_variables, variable_names
from policypack.iam.requests import Request, make_request
from policypack.iam.three_valued_logic import all_true, any_true, negated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.iam.elements import Document, Entry, Statement


__all__ = ["Decision", "Verdict", "evaluate", "evaluate_record", "statement_applies"]


class Verdict(Enum):
    """What AWS would answer."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDECIDED = "undecided"


class Decision(msgspec.Struct, frozen=True):
    """An answer. `document` and `place` point at the statement that decides, where one does.

    `explicit` tells a denial by a Deny statement from one for want of an Allow.
    """

    verdict: Verdict
    why: str
    is_explicit: bool = False
    document: str = ""
    place: str = ""


def evaluate(
    asked: Request, documents: Sequence[AttachedPolicy], boundary: Sequence[AttachedPolicy] | None = None
) -> Decision:
    """Answer a request of a principal that has these documents attached, within a boundary if there is one."""
    identity = _evaluate_policies(documents, asked)
    limit = _NO_BOUNDARY if boundary is None else _evaluate_policies(boundary, asked)
    for answer in (identity, limit):
        if answer.denied:
            return Decision(Verdict.DENIED, "a statement denies it", True, *answer.denied_by)
    if identity.allowed is False:
        return Decision(Verdict.DENIED, "no statement allows it")
    if limit.allowed is False:
        return Decision(Verdict.DENIED, "the permissions boundary does not allow it")
    for answer in (identity, limit):
        if answer.denied is None:
            return Decision(Verdict.UNDECIDED, "a statement that is not known may deny it", False, *answer.denied_by)
    for answer in (identity, limit):
        if answer.allowed is None:
            return Decision(Verdict.UNDECIDED, "it depends on what is not known", False, *answer.allowed_by)
    return Decision(Verdict.ALLOWED, "a statement allows it", False, *identity.allowed_by)


def evaluate_record(record: Mapping[str, Any]) -> Decision:
    """Answer a request given as one object: documents, boundary, principal, action, resource, context."""
    action, resource = record.get("action"), record.get("resource", "*")
    if not isinstance(action, str) or ":" not in action or not isinstance(resource, str):
        return Decision(Verdict.UNDECIDED, "a request needs an action as service:Action and a resource")
    principal, context = record.get("principal"), record.get("context")
    asked = make_request(
        action,
        resource,
        principal if isinstance(principal, str) else "",
        context if isinstance(context, Mapping) else None,
    )
    boundary = record.get("boundary")
    return evaluate(
        asked,
        _attached_policies(record.get("documents"), "document"),
        _attached_policies(boundary, "permissions boundary") if boundary else None,
    )


def _attached_policies(given: object, name: str) -> list[AttachedPolicy]:
    if given is None:
        return []
    if not isinstance(given, list):
        return [AttachedPolicy(name, parse_policy(given))]
    if given and all(isinstance(item, Mapping) and "Effect" in item for item in given):
        return [AttachedPolicy(name, parse_policy(given))]  # one document, given as its statements
    return [AttachedPolicy(f"{name} {index}", parse_policy(item)) for index, item in enumerate(given)]


class _PolicySetResult(msgspec.Struct):
    """Whether documents allow and whether they deny: yes, no, or None where that is not known; and what says so."""

    allowed: bool | None = False
    denied: bool | None = False
    allowed_by: tuple[str, str] = ("", "")
    denied_by: tuple[str, str] = ("", "")


_NO_BOUNDARY: Final = _PolicySetResult(allowed=True)


def _evaluate_policies(documents: Sequence[AttachedPolicy], asked: Request) -> _PolicySetResult:
    answer = _PolicySetResult()
    for attached in documents:
        document = attached.document
        if document.is_unknown or document.invalid:
            _record_statement(answer, None, None, (attached.name, ""))
            continue
        for statement in document.statements:
            if statement.is_allow and answer.allowed:
                continue  # only a denial could still change the answer
            applies = statement_applies(statement, asked, document)
            if applies is not False:
                _record_statement(answer, statement.effect, applies, (attached.name, statement.place))
    return answer


def _record_statement(answer: _PolicySetResult, effect: str | None, applies: bool | None, at: tuple[str, str]) -> None:  # noqa: FBT001 - three-valued
    """Note a statement that applies, or may: a certain answer replaces one that is not known, never the other way."""
    sure = applies and effect is not None
    if effect != "Deny" and not answer.allowed and (sure or answer.allowed is False):
        answer.allowed, answer.allowed_by = (True if sure else None), at
    if effect != "Allow" and not answer.denied and (sure or answer.denied is False):
        answer.denied, answer.denied_by = (True if sure else None), at


def statement_applies(statement: Statement, asked: Request, document: Document) -> bool | None:
    """Whether a statement is about the request: its action, resource and conditions; None where not known."""
    variables = document.supports_variables
    answers = [
        _action_element_matches(statement, asked.action),
        _resource_element_matches(statement, asked, variables=variables),
    ]
    if False in answers:
        return False
    answers += [condition_is_met(condition, asked, variables=variables) for condition in statement.conditions]
    answer = all_true(answers)
    return None if answer and statement.invalid else answer


def _action_element_matches(statement: Statement, action: str) -> bool | None:
    if statement.not_actions:
        return negated(any_true(_entry_matches_action(entry, action) for entry in statement.not_actions))
    return any_true(_entry_matches_action(entry, action) for entry in statement.actions)


def _entry_matches_action(entry: Entry, action: str) -> bool | None:
    return None if entry.value is None else action_matches(entry.value, action)


def _resource_element_matches(statement: Statement, asked: Request, *, variables: bool) -> bool | None:
    if statement.not_resources:
        named = any_true(
            _entry_matches_resource(entry, asked, variables=variables) for entry in statement.not_resources
        )
        return negated(named)
    if not statement.resources:
        return None if statement.invalid else True  # a trust policy, or the policy of the resource itself
    return any_true(_entry_matches_resource(entry, asked, variables=variables) for entry in statement.resources)


def _entry_matches_resource(entry: Entry, asked: Request, *, variables: bool) -> bool | None:
    pattern = entry.value
    if pattern is None:
        return None
    if variables and "${" in pattern:
        if any(asked.context_values(name) == (None,) for name in variable_names(pattern)):
            return None
        filled = substitute_variables(pattern, asked.single_value, pattern=True)
        if filled is None:
            return False
        pattern = filled
    return matches_everything(pattern) or resource_matches(pattern, asked.resource)
