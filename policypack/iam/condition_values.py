"""What the conditions of a statement pin down: which keys a request must carry, and with which values."""

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
"""Keys that, held to fixed values, make a policy with `"Principal": "*"` not public.

S3 user guide, "The meaning of 'public'"; IAM user guide, "AWS global condition context keys"; `kms:CallerAccount`: KMS
developer guide; `lambda:EventSourceToken`: Lambda developer guide (Alexa skills).
"""
_EVERY_ADDRESS: Final = ("0.0.0.0/0", "::/0")


def required_values(conditions: Iterable[Condition], key: str) -> tuple[Entry, ...]:
    """The values that the key must have one of for the statement to apply; empty where it may have any, or be absent.

    Negated operators, `...IfExists` and `ForAllValues:` let a request pass that lacks the key: they pin nothing.
    """
    key = key.lower()
    found: tuple[Entry, ...] = ()
    for condition in conditions:
        if condition.name == key and requires_value(condition):
            found += condition.values
    return found


def requires_value(condition: Condition) -> bool:
    """Whether a request without one of the condition's values cannot pass."""
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
    """Whether the conditions keep strangers out, so that `"Principal": "*"` means less than everybody."""
    return any(condition.name in RESTRICTING_KEYS and requires_fixed_value(condition) for condition in conditions)


def requires_fixed_value(condition: Condition) -> bool:
    """Whether a request has to bring the key, with a value that a stranger cannot choose."""
    return requires_value(condition) and all(
        is_fixed_value(condition.base, condition.name, entry.value) for entry in condition.values
    )


def conditions_allow_value(conditions: Iterable[Condition], key: str, value: str) -> bool | None:
    """Whether a request may pass these conditions with the key at that value; None where that is not known.

    Only conditions on that key are looked at.
    """
    key, answer = key.lower(), True
    unsure = False
    for condition in conditions:
        if not condition.base:
            unsure = True
        if condition.name != key:
            continue
        agreed: bool | None = False
        for entry in condition.values:
            if entry.value is None or "${" in entry.value:
                agreed = agreed or None
            elif _value_matches(condition.base, entry.value, value):
                agreed = True
        if "not" in condition.base:
            agreed = None if agreed is None else not agreed
        if agreed is None:
            unsure = True
        answer = answer and agreed is not False
    return answer and (None if unsure else True)


def _value_matches(base: str, want: str, value: str) -> bool:
    if base.startswith("arn"):
        return arn_like(want, value)
    if base.endswith("like"):
        return glob(want).matches(value)
    if base == "null":
        return want.lower() == "false"
    return want.lower() == value.lower() if base.endswith("ignorecase") else want == value
