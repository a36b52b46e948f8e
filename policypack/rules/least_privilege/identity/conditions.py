"""Conditions that restrict what they look as if they did."""

from collections.abc import Iterator
from typing import Final

from policypack.access.policy_documents import HOLDERS, texts
from policypack.iam.elements import Condition, Statement
from policypack.iam.global_condition_keys import condition_key_type, is_multivalued_key
from policypack.iam.matching import is_pattern
from policypack.iam.policy_variables import variables_to_wildcards
from policypack.model import Resource, Stack, Undecided
from policypack.model.arn import head_of
from policypack.rule import Findings, Severity, rule

_LETTER_BY_LETTER: Final = frozenset(("stringequals", "stringnotequals", "stringequalsignorecase"))

_FOR: Final = {
    "numeric": ("numeric", "date"),
    "date": ("date", "numeric"),
    "bool": ("bool",),
    "ipaddress": ("ipaddress",),
    "arn": ("arn", "string"),
}
"""Operators, and the types of keys whose values they can compare (epoch seconds are numbers and dates)."""


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Use the operator that the key is for: StringLike for patterns, ArnLike for ARNs, ForAllValues for lists only.",
)
def role_policy_conditions_are_effective(holder: Resource, stack: Stack) -> Findings:
    """A condition that is always met, or never, is taken for a safeguard by everybody who reads the policy."""
    unknown = ""
    for text in texts(holder, stack):
        for statement in text.document.statements:
            for condition in statement.conditions:
                place = f"{text.path}.{condition.place}"
                yield from ((message, place) for message in _weak(statement, condition))
        if text.document.unknown_places:
            unknown = text.path if text.document.is_unknown else f"{text.path}.{text.document.unknown_places[0]}"
    if unknown:
        raise Undecided(unknown)


def _weak(statement: Statement, condition: Condition) -> Iterator[str]:
    if statement.is_allow and condition.quantifier == "forallvalues" and is_multivalued_key(condition.name) is False:
        yield f"applies ForAllValues to {condition.key}, which has one value, and is met where it has none"
    family = condition.base.removeprefix("not")
    wanted = next((kinds for name, kinds in _FOR.items() if family.startswith(name)), ())
    if wanted and (kind := _kind(condition.name)) and kind not in wanted:
        yield f"compares {condition.key}, whose values are of type {kind}, by {condition.operator}"
    values = [entry.value for entry in condition.values if entry.value is not None]
    if condition.base in _LETTER_BY_LETTER:
        for value in values:
            if _has_wildcard(value):
                yield f"compares {condition.key} with {value!s} letter by letter by {condition.operator}"
    elif condition.base == "stringlike" and statement.is_allow and _kind(condition.name) == "arn":
        for value in values:
            if is_pattern(head_of(value)) and value.strip("*"):
                yield f"matches the ARN {condition.key} with {value!s} as text by {condition.operator}"


def _kind(key: str) -> str:
    """The type of a condition key, in small letters and without what says that it may have many values."""
    return (condition_key_type(key) or "").lower().removeprefix("arrayof")


def _has_wildcard(value: str) -> bool:
    """Whether the value holds a `*` or `?` that is not spelt as a literal, as `${*}`."""
    plain = variables_to_wildcards(value).replace("*", "") if "${" in value else value
    return "*" in plain or "?" in plain
