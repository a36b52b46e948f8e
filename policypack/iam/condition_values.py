"""The condition keys and values that a request must have to satisfy the conditions of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.iam.fixed_values import is_fixed_value
from policypack.iam.globs import glob
from policypack.iam.matching import arn_like, matches_everything

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.iam.elements import Condition, Entry

_POSITIVE_OPERATORS: Final = frozenset(
    ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress", "bool")
)
RESTRICTING_KEYS: Final = frozenset(
    (
        *("aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip"),
        *("aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid"),
        *("aws:sourceorgid", "aws:sourceorgpaths", "aws:vpceorgid", "aws:vpceaccount", "aws:sourcevpcarn"),
        *(
            "aws:principalservicename",
            "aws:principalservicenameslist",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
        ),
        *("s3:dataaccesspointarn", "s3:dataaccesspointaccount", "kms:calleraccount", "lambda:eventsourcetoken"),
    )
)
"""Condition keys that make a policy with `"Principal": "*"` non-public if they are required to have fixed values.

Sources: S3 user guide, "The meaning of 'public'"; IAM user guide, "AWS global condition context keys";
`kms:CallerAccount`: KMS developer guide; `lambda:EventSourceToken`: Lambda developer guide (Alexa skills).
"""
_EVERY_ADDRESS: Final = ("0.0.0.0/0", "::/0")


def required_values(conditions: Iterable[Condition], key: str) -> tuple[Entry, ...]:
    """The values of which the key must have one for the statement to apply.

    Empty if the key may have any value or be absent. Negated operators, `...IfExists` and `ForAllValues:` are ignored,
    because they are also satisfied by a request without the key.
    """
    key = key.lower()
    found: tuple[Entry, ...] = ()
    for condition in conditions:
        if condition.name == key and requires_value(condition):
            found += condition.values
    return found


def requires_value(condition: Condition) -> bool:
    """Whether the condition holds only for requests that have its key with one of its values."""
    return (
        condition.base in _POSITIVE_OPERATORS
        and not condition.if_exists
        and condition.quantifier != "forallvalues"
        and not any(_matches_any_value(condition, entry) for entry in condition.values)
    )


def _matches_any_value(condition: Condition, entry: Entry) -> bool:
    value = entry.value
    if value is None:
        return False
    if condition.base == "ipaddress":
        return value.strip() in _EVERY_ADDRESS
    patterns = condition.base in {"stringlike", "arnlike", "arnequals"}
    return patterns and (matches_everything(value) or value.strip("*?:") in {"", "arn"})


def prevent_public_access(conditions: Iterable[Condition]) -> bool:
    """Whether the conditions make a statement with `"Principal": "*"` non-public."""
    return any(condition.name in RESTRICTING_KEYS and requires_fixed_value(condition) for condition in conditions)


def requires_fixed_value(condition: Condition) -> bool:
    """Whether the condition requires a fixed value, as the module `fixed_values` defines it."""
    return requires_value(condition) and all(
        is_fixed_value(condition.base, condition.name, entry.value) for entry in condition.values
    )


def conditions_allow_value(conditions: Iterable[Condition], key: str, value: str) -> bool | None:
    """Whether the conditions on a key allow a value. None if that is unknown. Conditions on other keys are ignored."""
    key, allowed = key.lower(), True
    unknown = False
    for condition in conditions:
        if not condition.base:
            unknown = True
        if condition.name != key:
            continue
        matched: bool | None = False
        for entry in condition.values:
            if entry.value is None or "${" in entry.value:
                matched = matched or None
            elif _value_matches(condition.base, entry.value, value):
                matched = True
        if "not" in condition.base:
            matched = None if matched is None else not matched
        if matched is None:
            unknown = True
        allowed = allowed and matched is not False
    return allowed and (None if unknown else True)


def _value_matches(base: str, want: str, value: str) -> bool:
    if base.startswith("arn"):
        return arn_like(want, value)
    if base.endswith("like"):
        return glob(want).matches(value)
    if base == "null":
        return want.lower() == "false"
    return want.lower() == value.lower() if base.endswith("ignorecase") else want == value
