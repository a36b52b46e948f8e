"""Conditions that do not restrict what they appear to restrict."""

from collections.abc import Iterator
from typing import Final

from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, effective_documents
from policypack.iam.elements import Condition, Statement
from policypack.iam.global_condition_keys import condition_key_type, is_multivalued_key
from policypack.iam.matching import is_pattern
from policypack.iam.policy_variables import variables_to_wildcards
from policypack.model import DeferredUndecided, Resource, Stack
from policypack.model.arn import head_of
from policypack.rule import Findings, Severity, rule

_LITERAL_OPERATORS: Final = frozenset(("stringequals", "stringnotequals", "stringequalsignorecase"))

_KEY_TYPES: Final = {
    "numeric": ("numeric", "date"),
    "date": ("date", "numeric"),
    "bool": ("bool",),
    "ipaddress": ("ipaddress",),
    "arn": ("arn", "string"),
}
"""The types of keys that each family of operators can compare (epoch seconds are numbers and dates)."""


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Use the operator for the key in the Condition of the policy argument: StringLike for patterns, ArnLike for "
    "ARNs, ForAllValues for multivalued keys only.",
    terms=("operator mismatch", "always true"),
)
def role_policy_conditions_are_effective(holder: Resource, stack: Stack) -> Findings:
    """A condition whose operator does not fit its key can be true for every request, or for none.

    StringEquals compares `*` literally, StringLike lets `*` match the colons of an ARN, and ForAllValues is true when
    the request does not have the key (IAM user guide, "Condition operators" and "Single-valued vs. multivalued context
    keys"; IAM Access Analyzer policy check reference, "Type mismatch").
    """
    undecided = DeferredUndecided()
    for text in effective_documents(holder, stack):
        for statement in text.document.statements:
            for condition in statement.conditions:
                place = f"{text.path}.{condition.place}"
                yield from ((message, place) for message in _ineffective(statement, condition))
        if text.document.unknown_places:
            place = "" if text.document.is_unknown else f".{text.document.unknown_places[0]}"
            undecided.replace(f"{text.path}{place}")
    undecided.raise_noted()


def _ineffective(statement: Statement, condition: Condition) -> Iterator[str]:
    if statement.is_allow and condition.quantifier == "forallvalues" and is_multivalued_key(condition.name) is False:
        yield f"uses ForAllValues with the single-valued key {condition.key}, so that requests without it match"
    family = condition.base.removeprefix("not")
    wanted = next((kinds for name, kinds in _KEY_TYPES.items() if family.startswith(name)), ())
    if wanted and (kind := _key_type(condition.name)) and kind not in wanted:
        yield f"uses {condition.operator} with {condition.key}, a key of type {kind}"
    values = [entry.value for entry in condition.values if entry.value is not None]
    if condition.base in _LITERAL_OPERATORS:
        for value in values:
            if _has_wildcard(value):
                compared = f"compares {condition.key} with {value!s} by {condition.operator}"
                yield f"{compared}, which does not support wildcards"
    elif condition.base == "stringlike" and statement.is_allow and _key_type(condition.name) == "arn":
        for value in values:
            if is_pattern(head_of(value)) and value.strip("*"):
                yield f"compares the ARN {condition.key} with {value!s} by {condition.operator}, where * matches colons"


def _key_type(key: str) -> str:
    """The type of a condition key in lower case, `string` for `ArrayOfString` too; empty where it is not known."""
    return (condition_key_type(key) or "").lower().removeprefix("arrayof")


def _has_wildcard(value: str) -> bool:
    """Whether the value contains a `*` or `?` that is not escaped, as in `${*}`."""
    plain = variables_to_wildcards(value).replace("*", "") if "${" in value else value
    return "*" in plain or "?" in plain
