"""Public access by statements for everyone, and fixed values in conditions."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.iam.documents import parse_policy
from policypack.iam.fixed_values import is_fixed_value
from policypack.iam.public_access import allows_public_access
from policypack.model import Unknown

READ = ["s3:GetObject", "s3:PutObject"]
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": READ, "Resource": "arn:aws:s3:::b/*"}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}
OUTSIDE = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}


@pytest.mark.parametrize(
    ("base", "name", "value", "fixed"),
    [
        # S3 user guide, "The meaning of 'public'"
        ("stringequals", "aws:sourcevpc", "vpc-91237329", True),
        ("stringlike", "aws:sourcevpc", "vpc-*", False),
        ("stringequals", "aws:sourceaccount", "*", True),  # no wildcard in StringEquals: no account has this id
        ("stringequals", "aws:principalarn", "${aws:PrincipalArn}", False),
        ("stringequals", "aws:principalorgid", "${aws:ResourceOrgID}", True),
        ("stringlike", "aws:userid", "AROAEXAMPLEID:*", True),
        ("stringlike", "aws:userid", "*:session", False),
        ("ipaddress", "aws:sourceip", "203.0.113.0/24", True),
        ("ipaddress", "aws:sourceip", "0.0.0.0/1", False),
        ("ipaddress", "aws:sourceip", "12.0.0.0/7", False),
        ("ipaddress", "aws:sourceip", "10.0.0.0/8", True),
        ("ipaddress", "aws:sourceip", "2001:db8::/32", True),
        ("ipaddress", "aws:sourceip", "2001::/16", False),
        ("ipaddress", "aws:sourceip", "no address", True),  # matches no address
        ("arnlike", "s3:dataaccesspointarn", "arn:aws:s3:us-west-2:123456789012:accesspoint/*", True),
        ("arnlike", "aws:sourcearn", "arn:aws:sns:*:123456789012:*", True),
        ("arnlike", "aws:sourcearn", "arn:aws:sns:*:*:news", False),
        ("arnlike", "aws:sourcearn", "arn:aws:sns:*", False),
        ("arnequals", "aws:sourcearn", "arn:aws:s3:::bucket", True),
        ("arnlike", "aws:sourcearn", "arn:aws:s3:*:*:bucket", True),
        ("arnlike", "aws:sourcearn", "arn:aws:s3:::*", False),
        ("arnlike", "aws:sourcearn", "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/*", False),
        ("arnlike", "aws:sourcearn", "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3", True),
        ("arnlike", "aws:principalarn", "arn:aws:iam::*:role/deploy", False),
        ("stringlike", "aws:principalorgpaths", "o-a1b2c3d4e5/r-ab12/*", True),
        ("stringlike", "aws:principalorgpaths", "o-*/r-ab12/*", False),
        ("stringlike", "aws:principalorgid", None, True),
    ],
)
def test_fixed_values(base: str, name: str, value: str | None, *, fixed: bool) -> None:
    """A value that any caller can have is not fixed."""
    assert is_fixed_value(base, name, value) is fixed


@pytest.mark.parametrize(
    ("denial", "public"),
    [
        ({}, False),  # everyone is denied
        ({"Condition": OUTSIDE}, False),
        ({"Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}}, False),
        ({"Condition": {**OUTSIDE, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}, False),
        ({"Condition": {**OUTSIDE, "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({"Principal": None, "NotPrincipal": {"AWS": "123456789012"}}, False),
        ({"NotAction": "s3:ListBucket"}, False),
        (
            {"Condition": {**OUTSIDE, "Bool": {"aws:SecureTransport": "false"}}},
            True,
        ),  # only requests over HTTP are denied
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, True),
        ({"Condition": {"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgPaths": "o-1/"}}}, True),
        ({"Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}}, True),
        ({"Principal": {"AWS": "999988887777"}}, True),
        ({"Action": "s3:PutObject"}, True),  # GetObject is still allowed
        ({"Resource": "arn:aws:s3:::b/private/*"}, True),
        ({"NotAction": "s3:GetObject"}, True),
        ({"Principal": Unknown("principal")}, None),
        ({"Action": Unknown("action")}, None),
        ({"Condition": Unknown("condition")}, None),
        ({"Effect": Unknown("effect")}, None),
    ],
)
def test_denials_that_prevent_public_access(denial: Any, public: bool | None) -> None:
    """A denial prevents public access if it denies everything that the statement allows.

    Sources: IAM user guide, "Policy evaluation logic" and "Data perimeters".
    """
    made = {key: value for key, value in {**DENY, **denial}.items() if value is not None}
    if "NotAction" in denial:
        del made["Action"]
    document = parse_policy({"Version": "2012-10-17", "Statement": [ALLOW, made]}, "resource")
    assert allows_public_access(document, document.statements[0]) is public


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": Unknown("organization")}}, False),  # any value of it is fixed
        ({"ArnLike": {"aws:SourceArn": Unknown("arn")}}, None),  # it may be a wildcard
        (Unknown("condition"), None),
        ({"StringEquals": Unknown("keys")}, None),
    ],
)
def test_unknown_conditions(condition: Any, public: bool | None) -> None:
    """The result is unknown unless every possible value prevents public access."""
    document = parse_policy([{**ALLOW, "Condition": condition}], "resource")
    assert allows_public_access(document, document.statements[0]) is public
