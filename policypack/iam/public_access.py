"""Whether a statement for everyone gives public access, given its conditions and the Deny statements beside it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from policypack.iam.condition_values import RESTRICTING_KEYS, prevent_public_access
from policypack.iam.denials import Denial
from policypack.iam.fixed_values import is_fixed_value
from policypack.iam.three_valued_logic import all_true, any_true, negated

if TYPE_CHECKING:
    from policypack.iam.elements import Condition, Document, Statement

_SERVICE_EXCEPTION_KEYS: Final = ("aws:principalisawsservice", "aws:viaawsservice")
"""Condition keys with which AWS's examples exempt AWS services from a denial (IAM user guide, "Data perimeters")."""

_MAX_DENIALS: Final = 100
"""The number of Deny statements that are examined, more than fit in a policy that AWS accepts.

If a document has more, the result is unknown.
"""


def allows_public_access(document: Document, statement: Statement) -> bool | None:
    """Whether an Allow statement whose principal is everyone allows public access. None if that is unknown."""
    if prevent_public_access(condition for condition in statement.conditions if _is_decidable(condition)):
        return False
    if any(not condition.base or not _is_decidable(condition) for condition in statement.conditions):
        return None
    return negated(denies_public_access(document, statement))


@lru_cache(maxsize=256)
def denies_public_access(document: Document, statement: Statement) -> bool | None:
    """Whether a Deny statement of the document denies to the public all that another statement allows."""
    if statement.not_actions or statement.not_resources:
        return False
    denials = _public_denials(document)
    answers = [all_true((denies, _denies_all_of(other, statement))) for other, denies in denials[:_MAX_DENIALS]]
    return any_true([*answers, None] if len(denials) > _MAX_DENIALS else answers)


@lru_cache(maxsize=64)
def _public_denials(document: Document) -> tuple[tuple[Statement, bool | None], ...]:
    """The statements of a document that deny the public or may do so, each with True or None (unknown)."""
    judged = ((other, _denies_the_public(other)) for other in document.statements)
    return tuple((other, denies) for other, denies in judged if denies is not False)


def _is_decidable(condition: Condition) -> bool:
    """Whether its values are known, or its operator does not support wildcards: every value is then a fixed value."""
    return condition.base.startswith("stringequals") or all(entry.known for entry in condition.values)


def _denies_all_of(denial: Statement, statement: Statement) -> bool | None:
    """Whether a Deny statement includes all actions and resources of another statement."""
    covering = Denial(denial, "")
    actions = [entry.value for entry in statement.actions]
    resources = [entry.value for entry in statement.resources] or ["*"]
    # Actions and resources are matched independently, so each needs to be tried with only one of the others.
    pairs = [*((action, resources[0]) for action in actions), *((actions[0], resource) for resource in resources)]
    return all_true(
        None if action is None or resource is None else covering.denies_all(action, resource)
        for action, resource in pairs
    )


def _denies_the_public(denial: Statement) -> bool | None:
    """Whether the statement denies everyone, except principals that it names or that have fixed condition values."""
    if denial.is_allow or denial.invalid:
        return False
    if denial.not_principals:
        return not denial.conditions
    if any(principal.value is None for principal in denial.principals):
        return None
    if not any(principal.kind == "*" for principal in denial.principals):
        return False
    if not denial.conditions:
        return True
    if any(not condition.base for condition in denial.conditions):
        return None
    public = [_holds_for_the_public(condition) for condition in denial.conditions]
    return any(public) and all(
        known or condition.name in _SERVICE_EXCEPTION_KEYS
        for known, condition in zip(public, denial.conditions, strict=True)
    )


def _holds_for_the_public(condition: Condition) -> bool:
    """Whether a condition of a denial holds for the public: the key is absent or has none of the fixed values."""
    return (
        condition.name in RESTRICTING_KEYS
        and "not" in condition.base
        and condition.quantifier != "foranyvalue"
        and all(
            is_fixed_value(condition.base.replace("not", ""), condition.name, entry.value) for entry in condition.values
        )
    )
