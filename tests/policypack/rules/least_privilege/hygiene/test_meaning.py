"""Identity policies that do not restrict what they seem to, and that say things twice or to no effect."""

from __future__ import annotations

from typing import Any

from policypack.rules.least_privilege.hygiene.policies import role_statements_are_not_duplicated
from policypack.rules.least_privilege.identity.conditions import role_policy_conditions_are_effective
from tests.policypack.rules.identity import IAM, QUEUE, TABLE, Case, cases, check
from tests.policypack.rules.policies import allow

CHECKS = f"{IAM}/access-analyzer-reference-policy-checks.html"
SETS = f"{IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html"
OPERATORS = f"{IAM}/reference_policies_elements_condition_operators.html"
TWICE = "role-statements-are-not-duplicated"
RESTRICT = "role-policy-conditions-are-effective"
MESSAGES = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]


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
def test_types(policy: Any, ids: str) -> None:
    """An operator is for the values that its key has."""
    check(policy, ids)


@cases(RESTRICTING, role_policy_conditions_are_effective)
def test_conditions(policy: Any, ids: str) -> None:
    """A condition is what it looks like."""
    check(policy, ids)


ONCE: list[Case] = [
    # "Redundant action", "Redundant resource", "Redundant statement"
    (CHECKS, allow([*MESSAGES, "sqs:DeleteMessage"], QUEUE), TWICE),
    (CHECKS, allow(["sqs:SendMessage", "SQS:sendmessage"], QUEUE), TWICE),
    (CHECKS, allow(["sqs:GetQueueUrl", "sqs:GetQueue*"], QUEUE), TWICE),
    (CHECKS, allow("s3:GetObject", ["arn:aws:s3:::models/*", "arn:aws:s3:::models/latest/*"]), TWICE),
    (CHECKS, [allow(MESSAGES), allow(MESSAGES[::-1])], TWICE),
    (CHECKS, [allow("sqs:SendMessage"), {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}], TWICE),
    (
        CHECKS,
        [allow([*MESSAGES, "sqs:SendMessage"]), {"Effect": "Deny", "Action": "sqs:Send*", "Resource": "*"}],
        TWICE,
    ),
    (CHECKS, allow(MESSAGES, QUEUE), ""),
    (CHECKS, [allow(MESSAGES), allow("dynamodb:PutItem", TABLE)], ""),
    (CHECKS, allow("s3:GetObject", ["arn:aws:s3:::models/latest/*", "arn:aws:s3:::models/stable/*"]), ""),
    (CHECKS, [allow("sqs:SendMessage"), {"Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"}], ""),
    (
        CHECKS,
        [
            allow("sqs:SendMessage"),
            {
                "Effect": "Deny",
                "Action": "sqs:*",
                "Resource": "*",
                "Condition": when("Bool", "aws:SecureTransport", "false"),
            },
        ],
        "",
    ),
]


@cases(ONCE, role_statements_are_not_duplicated)
def test_what_stands_twice(policy: Any, ids: str) -> None:
    """What has no effect is said."""
    check(policy, ids)
