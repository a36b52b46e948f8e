"""Whether a statement that names everybody lets strangers in, by its own conditions and the document's denials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.iam.conditions import every, opposite, some
from policypack.iam.denials import Denial
from policypack.iam.fixed import is_fixed
from policypack.iam.limits import RESTRICTING_KEYS, restricts

if TYPE_CHECKING:
    from policypack.iam.elements import Condition, Document, Statement

_ALLOWANCES: Final = ("aws:principalisawsservice", "aws:viaawsservice")
"""Keys by which AWS's own examples spare services from a denial (IAM user guide, "Data perimeters")."""


def admits_strangers(document: Document, statement: Statement) -> bool | None:
    """Whether an Allow statement lets in whoever asks, if it names everybody; None where that is not known."""
    if restricts(condition for condition in statement.conditions if _is_known(condition)):
        return False
    if any(not condition.base or not _is_known(condition) for condition in statement.conditions):
        return None
    return opposite(shuts_out_strangers(document, statement))


def shuts_out_strangers(document: Document, statement: Statement) -> bool | None:
    """Whether a Deny statement of the document takes what another allows from all but those it spares."""
    return some(_shuts_out(other, statement) for other in document.statements if not other.allows)


def _is_known(condition: Condition) -> bool:
    """Whether its values are known, or cannot be wildcards whatever they turn out to be."""
    return condition.base.startswith("stringequals") or all(entry.known for entry in condition.values)


def _shuts_out(denial: Statement, statement: Statement) -> bool | None:
    if denial.broken:
        return False
    taken = Denial(denial, "")
    resources = [entry.value for entry in statement.resources] or ["*"]
    answers = [
        None if entry.value is None or resource is None else taken.covers(entry.value, resource)
        for entry in statement.actions
        for resource in resources
    ]
    if statement.not_actions or statement.not_resources:
        return False
    return every([_spares_only_some(denial), *answers])


def _spares_only_some(denial: Statement) -> bool | None:
    """Whether the statement denies everybody, or everybody but those whom it names or its conditions pin down."""
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
    outside = [_is_outside(condition) for condition in denial.conditions]
    return any(outside) and all(
        known or condition.name in _ALLOWANCES for known, condition in zip(outside, denial.conditions, strict=True)
    )


def _is_outside(condition: Condition) -> bool:
    """Whether a condition of a denial holds for every stranger: the key is absent, or has none of the fixed values."""
    return (
        condition.name in RESTRICTING_KEYS
        and "not" in condition.base
        and condition.quantifier != "foranyvalue"
        and all(is_fixed(condition.base.replace("not", ""), condition.name, entry.value) for entry in condition.values)
    )
