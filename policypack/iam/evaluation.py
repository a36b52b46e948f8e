"""Evaluate a request against identity-based policies and a permissions boundary, as AWS does.

Source: IAM user guide, "Policy evaluation logic". An explicit deny in any policy wins. Otherwise a statement of the
policies and, if there is a boundary, a statement of the boundary must allow the request, or it is denied implicitly.
The result is undecided only if it depends on parts that are not known.
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
    """The result of an evaluation."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDECIDED = "undecided"


class Decision(msgspec.Struct, frozen=True):
    """A verdict with its reason. `document` and `place` name the statement that decides, if there is one.

    `is_explicit`: the request is denied by a Deny statement, not because no statement allows it.
    """

    verdict: Verdict
    reason: str
    is_explicit: bool = False
    document: str = ""
    place: str = ""


def evaluate(
    request: Request, documents: Sequence[AttachedPolicy], boundary: Sequence[AttachedPolicy] | None = None
) -> Decision:
    """Evaluate a request of a principal with these policies attached, within a permissions boundary if there is one."""
    identity = _evaluate_policies(documents, request)
    limit = _NO_BOUNDARY if boundary is None else _evaluate_policies(boundary, request)
    for result in (identity, limit):
        if result.denied:
            return Decision(Verdict.DENIED, "a statement denies it", True, *result.denied_by)
    if identity.allowed is False:
        return Decision(Verdict.DENIED, "no statement allows it")
    if limit.allowed is False:
        return Decision(Verdict.DENIED, "the permissions boundary does not allow it")
    for result in (identity, limit):
        if result.denied is None:
            return Decision(Verdict.UNDECIDED, "an unknown statement may deny it", False, *result.denied_by)
    for result in (identity, limit):
        if result.allowed is None:
            return Decision(Verdict.UNDECIDED, "it depends on an unknown value", False, *result.allowed_by)
    return Decision(Verdict.ALLOWED, "a statement allows it", False, *identity.allowed_by)


def evaluate_record(record: Mapping[str, Any]) -> Decision:
    """Evaluate a request given as one object with documents, boundary, principal, action, resource and context."""
    action, resource = record.get("action"), record.get("resource", "*")
    if not isinstance(action, str) or ":" not in action or not isinstance(resource, str):
        return Decision(Verdict.UNDECIDED, "a request needs an action as service:Action and a resource")
    principal, context = record.get("principal"), record.get("context")
    request = make_request(
        action,
        resource,
        principal if isinstance(principal, str) else "",
        context if isinstance(context, Mapping) else None,
    )
    boundary = record.get("boundary")
    return evaluate(
        request,
        _attached_policies(record.get("documents"), "document"),
        _attached_policies(boundary, "permissions boundary") if boundary else None,
    )


def _attached_policies(given: object, name: str) -> list[AttachedPolicy]:
    if given is None:
        return []
    if not isinstance(given, list):
        return [AttachedPolicy(name, parse_policy(given))]
    if given and all(isinstance(item, Mapping) and "Effect" in item for item in given):
        return [AttachedPolicy(name, parse_policy(given))]  # one document, given as a list of its statements
    return [AttachedPolicy(f"{name} {index}", parse_policy(item)) for index, item in enumerate(given)]


class _PolicySetResult(msgspec.Struct):
    """Whether a set of policies allows and denies a request (None: unknown), and by which document and statement."""

    allowed: bool | None = False
    denied: bool | None = False
    allowed_by: tuple[str, str] = ("", "")
    denied_by: tuple[str, str] = ("", "")


_NO_BOUNDARY: Final = _PolicySetResult(allowed=True)


def _evaluate_policies(documents: Sequence[AttachedPolicy], request: Request) -> _PolicySetResult:
    result = _PolicySetResult()
    for attached in documents:
        document = attached.document
        if document.is_unknown or document.invalid:
            _record_result(result, None, None, (attached.name, ""))
            continue
        for statement in document.statements:
            if statement.is_allow and result.allowed:
                continue  # only a Deny statement can still change the result
            applies = statement_applies(statement, request, document)
            if applies is not False:
                _record_result(result, statement.effect, applies, (attached.name, statement.place))
    return result


def _record_result(result: _PolicySetResult, effect: str | None, applies: bool | None, at: tuple[str, str]) -> None:  # noqa: FBT001 - three-valued
    """Record a statement that applies or may apply. A certain result replaces an unknown one, never the reverse."""
    certain = applies and effect is not None
    if effect != "Deny" and not result.allowed and (certain or result.allowed is False):
        result.allowed, result.allowed_by = (True if certain else None), at
    if effect != "Allow" and not result.denied and (certain or result.denied is False):
        result.denied, result.denied_by = (True if certain else None), at


def statement_applies(statement: Statement, request: Request, document: Document) -> bool | None:
    """Whether a statement applies to the request: action, resource and conditions match. None if that is unknown."""
    variables = document.supports_variables
    results = [
        _action_element_matches(statement, request.action),
        _resource_element_matches(statement, request, variables=variables),
    ]
    if False in results:
        return False
    results += [condition_is_met(condition, request, variables=variables) for condition in statement.conditions]
    result = all_true(results)
    return None if result and statement.invalid else result


def _action_element_matches(statement: Statement, action: str) -> bool | None:
    if statement.not_actions:
        return negated(any_true(_entry_matches_action(entry, action) for entry in statement.not_actions))
    return any_true(_entry_matches_action(entry, action) for entry in statement.actions)


def _entry_matches_action(entry: Entry, action: str) -> bool | None:
    return None if entry.value is None else action_matches(entry.value, action)


def _resource_element_matches(statement: Statement, request: Request, *, variables: bool) -> bool | None:
    if statement.not_resources:
        named = any_true(
            _entry_matches_resource(entry, request, variables=variables) for entry in statement.not_resources
        )
        return negated(named)
    if not statement.resources:
        return None if statement.invalid else True  # a trust policy or a resource-based policy
    return any_true(_entry_matches_resource(entry, request, variables=variables) for entry in statement.resources)


def _entry_matches_resource(entry: Entry, request: Request, *, variables: bool) -> bool | None:
    pattern = entry.value
    if pattern is None:
        return None
    if variables and "${" in pattern:
        if any(request.context_values(name) == (None,) for name in variable_names(pattern)):
            return None
        filled = substitute_variables(pattern, request.single_value, pattern=True)
        if filled is None:
            return False
        pattern = filled
    return matches_everything(pattern) or resource_matches(pattern, request.resource)
