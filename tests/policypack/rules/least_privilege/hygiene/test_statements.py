"""Statements of identity policies that cannot take effect, or that repeat others."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.rules.least_privilege.hygiene.statements import (
    role_statements_are_not_duplicated,
    role_statements_can_take_effect,
)
from policypack.testing import UNDECIDED, judge, messages
from tests.policypack.rules.identity import (
    IAM,
    QUEUE,
    REFERENCE,
    RULES,
    STREAMS,
    TABLE,
    Case,
    cases,
    check,
    partly_unknown,
    stack_of,
)
from tests.policypack.rules.policies import allow

S3 = f"{REFERENCE}/list_amazons3.html"
SQS = f"{REFERENCE}/list_amazonsqs.html"
LOGS = f"{REFERENCE}/list_amazoncloudwatchlogs.html"
CHECKS = f"{IAM}/access-analyzer-reference-policy-checks.html"
EFFECT = "role-statements-can-take-effect"
TWICE = "role-statements-are-not-duplicated"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:f"
MESSAGES = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a condition."""
    return {operator: {key: value}}


POSSIBLE: list[Case] = [
    # "you can specify an ARN of that type in a statement with that action", and of no other type
    (S3, allow("s3:GetObject", "arn:aws:s3:::models"), EFFECT),
    (S3, allow("s3:ListAllMyBuckets", "arn:aws:s3:::models"), EFFECT),
    (SQS, allow("sqs:SendMessage", TABLE), EFFECT),
    (SQS, allow(["sqs:SendMessage", "dynamodb:PutItem"], TABLE), EFFECT),
    (f"{REFERENCE}/list_awsx-ray.html", allow("xray:PutTraceSegments", QUEUE), EFFECT),
    (LOGS, allow("logs:PutLogEvents", STREAMS.removesuffix(":*")), EFFECT),
    (f"{REFERENCE}/list_awskeymanagementservice.html", allow("kms:Decrypt", "arn:aws:kms:eu-west-1:1:alias/a"), EFFECT),
    (SQS, allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:queue/work"), ""),
    (S3, allow("s3:GetObject", ["arn:aws:s3:::models", "arn:aws:s3:::models/*"]), ""),
    (S3, allow("s3:ListBucket", "arn:aws:s3:::models"), ""),
    (S3, allow("s3:ListAllMyBuckets", "arn:aws:s3:::*"), ""),
    (LOGS, allow("logs:CreateLogStream", STREAMS.removesuffix(":*")), ""),
    (LOGS, allow("logs:PutLogEvents", STREAMS), ""),
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:Query", f"{TABLE}/index/by-day"), ""),
    (
        f"{REFERENCE}/list_awslambda.html",
        allow("lambda:InvokeFunction", f"{FUNCTION}:live"),
        "",
    ),
    # a condition key that none of the actions supports
    (
        S3,
        allow("s3:GetObject", "arn:aws:s3:::models/*", Condition=when("StringEquals", "s3:prefix", "a")),
        EFFECT,
    ),
    (
        S3,
        allow("s3:ListBucket", "arn:aws:s3:::models", Condition=when("StringLike", "s3:prefix", "a/*")),
        "",
    ),
]


@cases(POSSIBLE, role_statements_can_take_effect)
def test_statements_take_effect(policy: Any, ids: str) -> None:
    """The action applies to the resource and supports the condition key."""
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
def test_repetitions(policy: Any, ids: str) -> None:
    """An entry that another covers, or that is denied, has a finding."""
    check(policy, ids)


@pytest.mark.parametrize(
    ("rule", "policy", "message"),
    [
        (
            EFFECT,
            allow("xray:PutTraceSegments"),
            f"allows xray:PutTraceSegments on {QUEUE}, to which the action does not apply",
        ),
        (TWICE, [allow(MESSAGES), allow(MESSAGES)], "repeats Statement[0]"),
    ],
)
def test_messages(rule: str, policy: Any, message: str) -> None:
    """The message names the action or the statement."""
    assert messages(RULES[rule], stack_of(policy)) == [message]


@pytest.mark.parametrize("rule", [EFFECT, TWICE])
def test_policy_that_is_partly_unknown(rule: str) -> None:
    """A part that is unknown may have no effect as well."""
    assert judge(RULES[rule], partly_unknown()) == UNDECIDED
