"""Evaluate a condition of a statement for a request: True, False, or None if the result is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.iam.condition_operators import OPERATORS, Operator
from policypack.iam.globs import replace_reserved_characters
from policypack.iam.policy_variables import substitute_variables, variable_names
from policypack.iam.three_valued_logic import all_true, any_true, negated

if TYPE_CHECKING:
    from policypack.iam.elements import Condition, Entry
    from policypack.iam.requests import Request

_BOOLS: Final = {True: "true", False: "false"}


def condition_is_met(condition: Condition, request: Request, *, variables: bool) -> bool | None:
    """Whether the condition is met. `variables`: whether the document's version supports policy variables.

    Sources: IAM user guide, "Condition operators", "Conditions with multiple context keys or values" and
    "Single-valued vs. multivalued context keys".
    """
    if not condition.base:
        return None
    got = request.context_values(condition.name)
    if got == (None,) and condition.name not in request.context:
        return None
    if condition.base == "null":
        absent = _BOOLS[got is None]
        return any_true(None if entry.value is None else entry.value.lower() == absent for entry in condition.values)
    operator = OPERATORS[condition.base]
    if got is None and condition.if_exists:
        return True
    if condition.quantifier:
        return _set_operator_is_met(condition, operator, got or (), request, variables=variables)
    if got is None:
        return operator.negated
    answers = {_value_is_accepted(condition, operator, value, request, variables=variables) for value in got}
    # AWS documents operators without ForAllValues or ForAnyValue for single values only. If the request has several
    # values and they give different results, the result is unknown.
    return answers.pop() if len(answers) == 1 else None


def _set_operator_is_met(
    condition: Condition, operator: Operator, got: tuple[str | None, ...], request: Request, *, variables: bool
) -> bool | None:
    forall = condition.quantifier == "forallvalues"
    if all(value == "" for value in got):
        return forall  # "... or if the context key value resolves to a null data set, such as an empty string"
    answers = (_value_is_accepted(condition, operator, value, request, variables=variables) for value in got)
    return all_true(answers) if forall else any_true(answers)


def _value_is_accepted(
    condition: Condition, operator: Operator, value: str | None, request: Request, *, variables: bool
) -> bool | None:
    if value is None:
        return None
    answer = any_true(
        _values_match(entry, operator, value, request, variables=variables and operator.allows_variables)
        for entry in condition.values
    )
    return negated(answer) if operator.negated else answer


def _values_match(entry: Entry, operator: Operator, value: str, request: Request, *, variables: bool) -> bool | None:
    want = entry.value
    if want is None:
        return None
    if variables and "${" in want:
        if any(request.context_values(name) == (None,) for name in variable_names(want)):
            return None
        filled = substitute_variables(want, request.single_value, pattern=operator.allows_wildcards)
        if filled is None:
            return False  # a variable without a value matches nothing
        want = filled
    return operator.matches(want, replace_reserved_characters(value) if operator.allows_wildcards else value)
