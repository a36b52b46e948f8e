"""Every condition operator, with the sentences of the IAM user guide that describe it."""

from __future__ import annotations

import pytest

from policypack.iam import condition_operators as operators
from policypack.iam.elements import CONDITION_OPERATORS
from policypack.iam.evaluation import evaluate_record

ABSENT = object()
OPERATORS = 'IAM user guide, "IAM JSON policy elements: Condition operators"'


def verdict(operator: str, wanted: object, got: object, *, version: str = "2012-10-17") -> str:
    """The verdict of a statement with one condition on a request with these values of the condition key."""
    condition = {operator: {"aws:Key": wanted}}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition}
    asked = {
        "documents": [{"Version": version, "Statement": [statement]}],
        "principal": "arn:aws:iam::123456789012:user/team/anna",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/key",
        "context": {} if got is ABSENT else {"AWS:kEY": got},
    }
    return evaluate_record(asked).verdict.value


@pytest.mark.parametrize(
    ("operator", "wanted", "got", "holds"),
    [
        # String: "Exact matching, case sensitive" and its variants
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["x", "a"], "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", "a", ABSENT, False),
        ("StringEquals", "true", True, True),
        ("StringEquals", "10", 10, True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),  # "evaluated using a logical NOR"
        ("StringNotEquals", "a", ABSENT, True),  # "... and the right key is not present, the condition is true"
        ("StringEqualsIgnoreCase", "Abc", "aBC", True),
        ("StringEqualsIgnoreCase", "Abc", "abd", False),
        ("StringNotEqualsIgnoreCase", "Abc", "aBC", False),
        ("StringNotEqualsIgnoreCase", "Abc", "x", True),
        ("StringLike", "home/*", "home/anna", True),
        ("StringLike", "home/?", "home/anna", False),
        ("StringLike", ["", "home/"], "", True),  # the guide's own example for s3:prefix
        ("StringLike", "Home/*", "home/anna", False),
        ("StringLike", "*", ABSENT, False),
        ("StringNotLike", "home/*", "home/anna", False),
        ("StringNotLike", "home/*", "work", True),
        ("stringlike", "home/*", "home/anna", True),
        # Numeric
        ("NumericEquals", "10", 10, True),
        ("NumericEquals", 10, "10.0", True),
        ("NumericEquals", "10", "11", False),
        ("NumericNotEquals", "10", "11", True),
        ("NumericNotEquals", "10", "10", False),
        ("NumericLessThan", "10", "9.5", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericLessThanEquals", "10", "100", False),  # numbers, not text
        ("NumericGreaterThan", "10", "9", False),
        ("NumericGreaterThan", "9", "10", True),
        ("NumericGreaterThanEquals", "10", 10, True),
        ("NumericGreaterThanEquals", "10", "ten", False),
        ("NumericLessThan", "10", ABSENT, False),
        # dates are written in "one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time"
        ("DateEquals", "2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", True),
        ("DateEquals", "2020-01-01", "2020-01-01T00:00:01Z", False),
        ("DateNotEquals", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", False),
        ("DateLessThan", "2020-01-01T00:00:00Z", "2019-12-31T23:59:59Z", True),
        ("DateLessThan", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", False),
        ("DateLessThanEquals", "2020-01-01T00:00:00Z", "1577836800", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-06-30T10:00:00.5Z", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "soon", False),
        ("DateGreaterThanEquals", "1577836800", 1577836800, True),
        ("DateGreaterThan", "2020", "2020-02-30T00:00:00Z", False),  # there is no 30 February
        # Boolean
        ("Bool", "true", True, True),
        ("Bool", "true", "True", True),
        ("Bool", False, "false", True),
        ("Bool", "false", "true", False),
        ("Bool", "true", ABSENT, False),
        ("Bool", "yes", "yes", False),
        # Binary
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "BinaryValueInBase64", True),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5", False),
        ("BinaryEquals", "not base 64!", "not base 64!", False),
        # IP address
        ("IpAddress", "203.0.113.0/24", "203.0.113.255", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.1", False),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),  # "IAM uses the default prefix value of /32"
        ("IpAddress", "203.0.113.7", "203.0.113.8", False),
        ("IpAddress", "0.0.0.0/0", "198.51.100.1", True),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::9", True),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::9", False),
        ("IpAddress", "203.0.113.0/24", "not an address", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("NotIpAddress", "203.0.113.0/24", ABSENT, True),
        # the ARN operators: "each of the six colon-delimited components of the ARN is checked separately"
        ("ArnEquals", "arn:aws:sns:eu-west-1:123456789012:t", "arn:aws:sns:eu-west-1:123456789012:t", True),
        ("ArnEquals", "arn:aws:sns:*:123456789012:t*", "arn:aws:sns:eu-west-1:123456789012:topic", True),
        ("ArnLike", "arn:aws:sns:*:123456789012:t", "arn:aws:sns:eu-west-1:123456789012:T", False),
        (
            "ArnLike",
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            False,
        ),
        (
            "StringLike",
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            True,
        ),
        ("ArnLike", "arn:aws:sns:*:*:*", "topic", False),
        ("ArnNotLike", "arn:aws:sns:*:*:*", "arn:aws:sqs:eu-west-1:123456789012:q", True),
        ("ArnNotEquals", "arn:aws:sns:*:*:*", "arn:aws:sns:eu-west-1:123456789012:t", False),
        ("ArnNotEquals", "arn:aws:sns:*:*:*", ABSENT, True),
        # ...IfExists: "If the key is not present, evaluate the condition element as true"
        ("StringEqualsIfExists", "a", ABSENT, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringNotEqualsIfExists", "a", ABSENT, True),
        ("StringNotEqualsIfExists", "a", "a", False),
        ("IpAddressIfExists", "203.0.113.0/24", ABSENT, True),
        ("BoolIfExists", "true", ABSENT, True),
        ("BoolIfExists", "true", "false", False),
        ("NumericLessThanIfExists", "300", "301", False),
        # the Null check takes "true (the key doesn't exist) or false (the key exists and its value is not null)"
        ("Null", "true", ABSENT, True),
        ("Null", "true", "x", False),
        ("Null", "false", "x", True),
        ("Null", False, ABSENT, False),
        ("Null", "true", [], True),
    ],
)
def test_operators(operator: str, wanted: object, got: object, *, holds: bool) -> None:
    """One condition key with one value."""
    assert verdict(operator, wanted, got) == ("allowed" if holds else "denied"), OPERATORS


@pytest.mark.parametrize(
    ("operator", "wanted", "got", "holds"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], ABSENT, True),  # "also returns true if there are no context keys"
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("ForAllValues:StringEquals", ["a"], "", True),  # "a null data set, such as an empty string"
        ("ForAllValues:StringLike", ["a*"], ["ab", "ac"], True),
        ("ForAllValues:StringLike", ["a*"], ["ab", "b"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "a"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["b", "c"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], False),
        ("ForAnyValue:StringEquals", ["a"], ABSENT, False),
        ("ForAnyValue:StringEquals", ["a"], [], False),
        ("ForAnyValue:StringEquals", [""], "", False),
        ("ForAnyValue:StringLike", ["o-1/*"], ["o-1/r-1/", "o-2/"], True),
        ("ForAnyValue:StringLike", ["o-1/*"], ["o-2/"], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAllValues:StringEqualsIfExists", ["a"], ABSENT, True),
        ("ForAnyValue:StringEqualsIfExists", ["a"], ABSENT, True),
        ("ForAnyValue:StringEqualsIfExists", ["a"], ["b"], False),
        ("forallvalues:stringequals", ["a"], ["b"], False),
        ("ForAnyValue:ArnLike", "arn:aws:sns:*:*:*", ["arn:aws:sns:a:1:t"], True),
    ],
)
def test_set_operators(operator: str, wanted: object, got: object, *, holds: bool) -> None:
    """IAM user guide, "Single-valued vs. multivalued context keys"."""
    assert verdict(operator, wanted, got) == ("allowed" if holds else "denied")


@pytest.mark.parametrize(
    ("wanted", "got", "expected"),
    [
        (["a", "b"], ["a", "b"], "allowed"),
        ("c", ["a", "b"], "denied"),
        (
            "a",
            ["a", "b"],
            "undecided",
        ),  # "Multivalued context keys require a condition set operator"; the result without one is not documented
    ],
)
def test_operators_without_quantifier_on_several_values(wanted: object, got: object, expected: str) -> None:
    """If the values of a request give different results, the result is undecided, as AWS documents none."""
    assert verdict("StringEquals", wanted, got) == expected


@pytest.mark.parametrize(
    ("operator", "wanted", "got", "version", "expected"),
    [
        ("StringEquals", "${aws:username}", "anna", "2012-10-17", "allowed"),
        ("StringEquals", "${AWS:UserName}", "anna", "2012-10-17", "allowed"),  # "Key names are case-insensitive"
        ("StringEquals", "${aws:username}", "anna", "2008-10-17", "denied"),
        ("StringEquals", "${aws:username}", "${aws:username}", "2008-10-17", "allowed"),
        ("StringEquals", "${aws:nothing}", "anna", "2012-10-17", "denied"),
        ("StringNotEquals", "${aws:nothing}", "anna", "2012-10-17", "allowed"),
        ("StringEquals", "${aws:nothing, 'anna'}", "anna", "2012-10-17", "allowed"),
        ("StringEquals", "${aws:username, 'otto'}", "otto", "2012-10-17", "denied"),
        ("StringEquals", "a${*}", "a*", "2012-10-17", "allowed"),  # "use where you need an * (asterisk) character"
        ("StringLike", "a${*}", "ab", "2012-10-17", "denied"),
        ("StringLike", "a${?}${$}", "a?$", "2012-10-17", "allowed"),
        ("StringLike", "${aws:username}/*", "anna/x", "2012-10-17", "allowed"),
        (
            "ArnLike",
            "arn:aws:iam::123456789012:user/*/${aws:username}",
            "arn:aws:iam::123456789012:user/t/anna",
            "2012-10-17",
            "allowed",
        ),
        ("NumericEquals", "${aws:principalaccount}", "123456789012", "2012-10-17", "denied"),  # no variables in numbers
    ],
)
def test_variables(operator: str, wanted: str, got: str, version: str, expected: str) -> None:
    """IAM user guide, "IAM policy elements: Variables and tags"."""
    assert verdict(operator, wanted, got, version=version) == expected


def test_an_unknown_operator_is_undecided() -> None:
    """IAM would reject the policy, so its effect is not known."""
    assert verdict("StringMatches", "a", "a") == "undecided"
    assert verdict("NullIfExists", "true", "a") == "undecided"


def test_every_operator_is_implemented() -> None:
    """Each operator name that the parser accepts has an implementation."""
    assert frozenset((*operators.OPERATORS, "null")) == CONDITION_OPERATORS
