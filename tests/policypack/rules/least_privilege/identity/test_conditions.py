"""Conditions of identity policies that do not restrict what they seem to restrict."""

from __future__ import annotations

from typing import Any

from policypack.rules.least_privilege.identity.conditions import role_policy_conditions_are_effective
from policypack.testing import UNDECIDED, judge
from tests.policypack.rules.identity import IAM, QUEUE, RULES, Case, cases, check, partly_unknown
from tests.policypack.rules.policies import allow

CHECKS = f"{IAM}/access-analyzer-reference-policy-checks.html"
SETS = f"{IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html"
OPERATORS = f"{IAM}/reference_policies_elements_condition_operators.html"
RESTRICT = "role-policy-conditions-are-effective"


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a condition."""
    return {operator: {key: value}}


def send(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a statement with a condition."""
    return allow("sqs:SendMessage", QUEUE, Condition=when(operator, key, value))


RESTRICTING: list[Case] = [
    # "Do not use condition set operators with single-valued context keys"
    (
        SETS,
        send("ForAllValues:StringEquals", "aws:PrincipalTag/team", "a"),
        RESTRICT,
    ),
    (
        SETS,
        send("ForAllValues:StringLike", "aws:SourceVpc", "vpc-1"),
        RESTRICT,
    ),
    (SETS, send("ForAllValues:StringEquals", "aws:TagKeys", ["a"]), ""),
    (SETS, send("ForAnyValue:StringEquals", "aws:CalledVia", "a"), ""),
    # exact matching, case sensitive
    (
        OPERATORS,
        send("StringEquals", "aws:PrincipalTag/team", "a*"),
        RESTRICT,
    ),
    (
        OPERATORS,
        send("StringNotEquals", "aws:SourceVpc", ["vpc-?"]),
        RESTRICT,
    ),
    (
        OPERATORS,
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": when("StringEquals", "aws:PrincipalArn", "arn:*"),
        },
        RESTRICT,
    ),
    (OPERATORS, send("StringLike", "aws:PrincipalTag/team", "a*"), ""),
    (OPERATORS, send("StringEquals", "aws:PrincipalTag/team", "${*}"), ""),
    # "when you compare ARNs we recommend that you use ARN operators"
    (
        OPERATORS,
        send("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a"),
        RESTRICT,
    ),
    (
        OPERATORS,
        send("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a"),
        "",
    ),
    (  # an example of the guide itself: no wildcard where a colon could follow
        f"{IAM}/id_roles_use_passrole.html",
        send("StringLike", "aws:SourceArn", "arn:aws:ec2:us-east-1:1:instance/*"),
        "",
    ),
]


@cases(RESTRICTING, role_policy_conditions_are_effective)
def test_effective_conditions(policy: Any, ids: str) -> None:
    """The condition restricts what it seems to restrict."""
    check(policy, ids)


TYPES: list[Case] = [
    # "Type mismatch": an operator for values of another type than the key's
    (CHECKS, send("NumericEquals", "aws:PrincipalTag/team", "1"), RESTRICT),
    (CHECKS, send("DateGreaterThan", "aws:PrincipalAccount", "2026-01-01T00:00:00Z"), RESTRICT),
    (CHECKS, send("IpAddress", "aws:PrincipalArn", "10.0.0.0/8"), RESTRICT),
    (CHECKS, send("Bool", "aws:SourceVpc", "true"), RESTRICT),
    (CHECKS, send("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"), ""),
    (CHECKS, send("NumericGreaterThan", "aws:EpochTime", "1700000000"), ""),
    (CHECKS, send("NumericLessThan", "aws:MultiFactorAuthAge", "3600"), ""),
    (CHECKS, send("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), ""),
    (CHECKS, send("BoolIfExists", "aws:SecureTransport", "true"), ""),
    (CHECKS, send("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:123456789012:function:f"), ""),
    (CHECKS, send("Null", "aws:SourceVpc", "false"), ""),
]


@cases(TYPES, role_policy_conditions_are_effective)
def test_operators_and_types_of_keys(policy: Any, ids: str) -> None:
    """The operator fits the type of the condition key."""
    check(policy, ids)


def test_conditions_of_a_policy_that_is_partly_unknown() -> None:
    """A part that is unknown may have ineffective conditions."""
    assert judge(RULES[RESTRICT], partly_unknown()) == UNDECIDED
