"""Identity policies that IAM would refuse, or that name what does not exist or can never be met."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.model import ROLE_POLICY, Stack, Unknown
from policypack.rules.least_privilege.hygiene.policies import (
    role_policy_actions_and_keys_exist,
    role_policy_documents_are_valid,
    role_statements_can_take_effect,
)
from policypack.testing import FAIL, UNDECIDED, judge, messages, resource
from tests.policypack.rules.identity import (
    IAM,
    KEY,
    QUEUE,
    REFERENCE,
    RULES,
    STREAMS,
    TABLE,
    Case,
    cases,
    check,
    stack_of,
)
from tests.policypack.rules.policies import allow, document

S3 = f"{REFERENCE}/list_amazons3.html"
SQS = f"{REFERENCE}/list_amazonsqs.html"
LOGS = f"{REFERENCE}/list_amazoncloudwatchlogs.html"
CHECKS = f"{IAM}/access-analyzer-reference-policy-checks.html"
GRAMMAR = f"{IAM}/reference_policies_grammar.html"
EXISTS = "role-policy-actions-and-keys-exist"
MET = "role-statements-can-take-effect"
FORM = "role-policy-documents-are-valid"
TWICE = "role-statements-are-not-duplicated"
RESTRICT = "role-policy-conditions-are-effective"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:f"
MESSAGES = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a condition."""
    return {operator: {key: value}}


def send(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a statement with a condition."""
    return allow("sqs:SendMessage", QUEUE, Condition=when(operator, key, value))


NAMED: list[Case] = [
    # "Invalid action", "Invalid service in action", "Invalid service condition key", "Invalid global condition key"
    (CHECKS, allow("sqs:SendMesage", QUEUE), EXISTS),
    (CHECKS, allow("dynamodb:PutItems", TABLE), EXISTS),
    (CHECKS, allow("dynamo:PutItem", TABLE), EXISTS),
    (CHECKS, allow("sqs:Sned*", QUEUE), EXISTS),
    (CHECKS, {"Effect": "Deny", "Action": "dynamodb:DropTable", "Resource": "*"}, EXISTS),
    (CHECKS, send("StringEquals", "aws:SourceTeam", "a"), EXISTS),
    (CHECKS, allow("dynamodb:GetItem", TABLE, Condition=when("StringEquals", "dynamodb:LeadKeys", "a")), EXISTS),
    (CHECKS, allow("sqs:SendMessage", QUEUE), ""),
    (CHECKS, allow("SQS:sendmessage", QUEUE), ""),
    (CHECKS, send("StringEquals", "aws:PrincipalTag/team", "a"), ""),
    (
        CHECKS,
        send("ArnEquals", "lambda:SourceFunctionArn", FUNCTION),
        "",
    ),
    (
        CHECKS,
        allow("dynamodb:GetItem", TABLE, Condition=when("ForAllValues:StringEquals", "dynamodb:LeadingKeys", ["a"])),
        "",
    ),
    (CHECKS, allow("kms:Decrypt", KEY, Condition=when("StringEquals", "kms:EncryptionContext:app", "a")), ""),
]


@cases(NAMED, role_policy_actions_and_keys_exist)
def test_names(policy: Any, ids: str) -> None:
    """What is named exists."""
    check(policy, ids)


POSSIBLE: list[Case] = [
    # "you can specify an ARN of that type in a statement with that action": of no other type
    (S3, allow("s3:GetObject", "arn:aws:s3:::models"), MET),
    (S3, allow("s3:ListAllMyBuckets", "arn:aws:s3:::models"), MET),
    (SQS, allow("sqs:SendMessage", TABLE), MET),
    (SQS, allow(["sqs:SendMessage", "dynamodb:PutItem"], TABLE), MET),
    (f"{REFERENCE}/list_awsx-ray.html", allow("xray:PutTraceSegments", QUEUE), MET),
    (LOGS, allow("logs:PutLogEvents", STREAMS.removesuffix(":*")), MET),
    (f"{REFERENCE}/list_awskeymanagementservice.html", allow("kms:Decrypt", "arn:aws:kms:eu-west-1:1:alias/a"), MET),
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
    # a key that comes with none of the actions
    (
        S3,
        allow("s3:GetObject", "arn:aws:s3:::models/*", Condition=when("StringEquals", "s3:prefix", "a")),
        MET,
    ),
    (
        S3,
        allow("s3:ListBucket", "arn:aws:s3:::models", Condition=when("StringLike", "s3:prefix", "a/*")),
        "",
    ),
]


@cases(POSSIBLE, role_statements_can_take_effect)
def test_grants_that_can_be_met(policy: Any, ids: str) -> None:
    """The action can be about the resource."""
    check(policy, ids)


WELL_FORMED: list[Case] = [
    (GRAMMAR, "this is no policy", FORM),
    (GRAMMAR, "[]", ""),  # no statement, nothing granted
    (GRAMMAR, '"a string"', FORM),
    (GRAMMAR, '{"Version": "2012-10-17"}', FORM),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Effect": "allow"}), FORM),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Resources": QUEUE}), FORM),
    (GRAMMAR, document(allow("SendMessage")), FORM),
    (GRAMMAR, document(allow("sqs:SendMessage", "work")), FORM),
    (GRAMMAR, document({"Effect": "Allow", "Action": "sqs:SendMessage"}), FORM),
    (GRAMMAR, {**document(allow("sqs:SendMessage")), "Version": "2024-01-01"}, FORM),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Principal": "*"}), FORM),
    (GRAMMAR, document(allow("sqs:SendMessage", Condition={"Equals": {"aws:PrincipalTag/a": "b"}})), FORM),
    (GRAMMAR, document(allow("sqs:SendMessage")), ""),
    (GRAMMAR, {"Statement": [allow("sqs:SendMessage")]}, ""),  # the older version is the default
    (GRAMMAR, {"version": "2012-10-17", "statement": allow("sqs:SendMessage")}, ""),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Sid": "Send"}), ""),
]


@cases(WELL_FORMED, role_policy_documents_are_valid)
def test_documents_that_iam_takes(policy: Any, ids: str) -> None:
    """What IAM would refuse is said before it does."""
    check(policy, ids)


@pytest.mark.parametrize(
    ("rule", "policy", "said"),
    [
        (EXISTS, allow("sqs:SendMesage"), "names sqs:SendMesage, which is no action; there is sqs:SendMessage"),
        (EXISTS, allow("dynamo:PutItem"), "names dynamo:PutItem, of a service that is not known"),
        (MET, allow("xray:PutTraceSegments"), f"allows xray:PutTraceSegments on {QUEUE}, where it cannot be done"),
        (TWICE, [allow(MESSAGES), allow(MESSAGES)], "says what Statement[0] says"),
        (FORM, document(allow("work:Do", "q")), 'has a policy whose Statement[0].Resource is neither "*" nor an ARN'),
        (FORM, "nothing", "has a policy that is not JSON (character 0)"),
    ],
)
def test_what_is_said(rule: str, policy: Any, said: str) -> None:
    """The fault, in words."""
    assert messages(RULES[rule], stack_of(policy)) == [said]


@pytest.mark.parametrize("rule", [EXISTS, MET, FORM, TWICE, RESTRICT])
def test_parts_that_are_not_known(rule: str) -> None:
    """They may be wrong too; what is known to be wrong is said."""
    stack = Stack([resource(ROLE_POLICY, {"policy": document(allow(Unknown("policy"), QUEUE))})])
    assert judge(RULES[rule], stack) == UNDECIDED
    wrong = document(allow(Unknown("policy"), QUEUE), allow("sqs:SendMesage"))
    assert judge(RULES[EXISTS], Stack([resource(ROLE_POLICY, {"policy": wrong})])) == FAIL
