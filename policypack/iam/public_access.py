"""Whether a statement that names everybody lets strangers in, by its own conditions and the document's denials."""

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
"""Keys by which AWS's own examples spare services from a denial (IAM user guide, "Data perimeters")."""

_MAX_DENIALS: Final = 100
"""More than the policies that AWS takes have room for: what is beyond is not looked at, and the answer left open."""


def allows_public_access(document: Document, statement: Statement) -> bool | None:
    """Whether an Allow statement lets in whoever asks, if it names everybody; None where that is not known."""
    if prevent_public_access(condition for condition in statement.conditions if _is_decidable(condition)):
        return False
    if any(not condition.base or not _is_decidable(condition) for condition in statement.conditions):
        return None
    return negated(denies_public_access(document, statement))


@lru_cache(maxsize=256)
def denies_public_access(document: Document, statement: Statement) -> bool | None:
    """Whether a Deny statement of the document takes what another allows from all but those it spares."""
    if statement.not_actions or statement.not_resources:
        return False
    closing = _public_denials(document)
    answers = [all_true((spares, _denies_all_of(other, statement))) for other, spares in closing[:_MAX_DENIALS]]
    return any_true([*answers, None] if len(closing) > _MAX_DENIALS else answers)


@lru_cache(maxsize=64)
def _public_denials(document: Document) -> tuple[tuple[Statement, bool | None], ...]:
    """The denials of a document that are for everybody, or may be, but for those they spare."""
    spared = ((other, _denies_the_public(other)) for other in document.statements)
    return tuple((other, spares) for other, spares in spared if spares is not False)


def _is_decidable(condition: Condition) -> bool:
    """Whether its values are known, or cannot be wildcards whatever they turn out to be."""
    return condition.base.startswith("stringequals") or all(entry.known for entry in condition.values)


def _denies_all_of(denial: Statement, statement: Statement) -> bool | None:
    """Whether a denial is about all that another statement is about."""
    taken = Denial(denial, "")
    actions = [entry.value for entry in statement.actions]
    resources = [entry.value for entry in statement.resources] or ["*"]
    # Actions and resources are taken independently, so that one of the others does for each.
    pairs = [*((action, resources[0]) for action in actions), *((actions[0], resource) for resource in resources)]
    return all_true(
        None if action is None or resource is None else taken.denies_all(action, resource) for action, resource in pairs
    )


def _denies_the_public(denial: Statement) -> bool | None:
    """Whether the statement denies everybody, or everybody but those whom it names or its conditions pin down."""
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
    outside = [_holds_for_the_public(condition) for condition in denial.conditions]
    return any(outside) and all(
        known or condition.name in _SERVICE_EXCEPTION_KEYS
        for known, condition in zip(outside, denial.conditions, strict=True)
    )


def _holds_for_the_public(condition: Condition) -> bool:
    """Whether a condition of a denial holds for every stranger: the key is absent, or has none of the fixed values."""
    return (
        condition.name in RESTRICTING_KEYS
        and "not" in condition.base
        and condition.quantifier != "foranyvalue"
        and all(
            is_fixed_value(condition.base.replace("not", ""), condition.name, entry.value) for entry in condition.values
        )
    )
