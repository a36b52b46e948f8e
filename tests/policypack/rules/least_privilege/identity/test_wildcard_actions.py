"""Wildcard actions in identity-based policies: `*`, a whole service, a partial wildcard, and NotAction."""

from __future__ import annotations

from typing import Any

from policypack.rule import Severity
from policypack.rules.least_privilege.identity.partial_wildcards import (
    WildcardOptions,
    role_has_no_partial_wildcard_action,
    role_lists_sensitive_actions_by_name,
)
from policypack.rules.least_privilege.identity.wildcards import role_has_no_wildcard_action
from policypack.testing import FAIL, PASS, judge, judgements
from tests.policypack.rules.identity import (
    ENDPOINT,
    IAM,
    LAMBDA,
    QUEUE,
    REFERENCE,
    STREAMS,
    TABLE,
    Case,
    cases,
    check,
    stack_of,
)
from tests.policypack.rules.policies import allow, document

ACTION = f"{IAM}/reference_policies_elements_action.html"
NOT_ACTION = f"{IAM}/reference_policies_elements_notaction.html"
BEST = f"{IAM}/best-practices.html#grant-least-privilege"
HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html"
STAR = "role-has-no-wildcard-action"
PATTERN = "role-has-no-partial-wildcard-action"
SENSITIVE = "role-lists-sensitive-actions-by-name"

PARAMETER = "arn:aws:ssm:eu-west-1:1:parameter/p"
SECRET = "arn:aws:secretsmanager:eu-west-1:1:secret:s"
STREAM = "arn:aws:kinesis:eu-west-1:1:stream/s"

WHOLE: list[Case] = [
    # Security Hub, IAM.1: policies with full "*" administrative privileges
    (f"{HUB}#iam-1", allow("*", TABLE), STAR),
    (f"{HUB}#iam-1", allow(["dynamodb:PutItem", "*"], TABLE), STAR),
    (f"{HUB}#iam-1", allow("*:*", TABLE), STAR),
    (NOT_ACTION, {"Effect": "Allow", "NotAction": "iam:*", "Resource": TABLE}, STAR),  # "everything not specified"
    (NOT_ACTION, {"Effect": "Allow", "NotAction": ["s3:DeleteBucket"], "Resource": "arn:aws:s3:::models"}, STAR),
    # Security Hub, IAM.21: wildcard actions for services
    (f"{HUB}#iam-21", allow("sqs:*", QUEUE), STAR),
    (f"{HUB}#iam-21", allow("DynamoDB:*", TABLE), STAR),  # "Prefixes and action names are case-insensitive"
    (f"{HUB}#iam-21", allow(["sqs:SendMessage", "dynamodb:*"], [QUEUE, TABLE]), STAR),
    # the minimum that AWS documents for this architecture
    (f"{LAMBDA}/with-sqs.html", allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]), ""),
    (f"{LAMBDA}/lambda-intro-execution-role.html", allow(["logs:CreateLogStream", "logs:PutLogEvents"], STREAMS), ""),
    (BEST, allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], TABLE), ""),
    (BEST, allow("sagemaker:InvokeEndpoint", ENDPOINT), ""),
    (NOT_ACTION, {"Effect": "Deny", "NotAction": ["sqs:*"], "Resource": "*"}, ""),  # a deny grants nothing
    (ACTION, {"Effect": "Deny", "Action": "*", "Resource": "*"}, ""),
    (ACTION, allow("SQS:SENDMESSAGE", QUEUE), ""),
]


@cases(WHOLE, role_has_no_wildcard_action)
def test_wildcards_for_whole_services(policy: Any, ids: str) -> None:
    """Policies list actions by name."""
    check(policy, ids)


PATTERNS: list[Case] = [
    # the data of a service: Read level of the Service Authorization Reference that answers with contents
    (f"{REFERENCE}/list_amazons3.html", allow("s3:Get*", "arn:aws:s3:::models/*"), SENSITIVE),
    (f"{REFERENCE}/list_amazons3.html", allow("s3:*Object", "arn:aws:s3:::models/*"), SENSITIVE),
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:*Item", TABLE), SENSITIVE),
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:Get*", TABLE), SENSITIVE),
    (f"{REFERENCE}/list_awskeymanagementservice.html", allow("kms:D*", "arn:aws:kms:eu-west-1:1:key/k"), SENSITIVE),
    # credentials
    (
        f"{REFERENCE}/list_awssystemsmanager.html",
        allow("ssm:GetParam*", PARAMETER),
        SENSITIVE,
    ),
    (
        f"{REFERENCE}/list_awssecretsmanager.html",
        allow("secretsmanager:Get*", SECRET),
        SENSITIVE,
    ),
    # permissions management
    (f"{REFERENCE}/list_amazonsqs.html", allow("sqs:*Permission", QUEUE), SENSITIVE),
    (f"{REFERENCE}/list_awslambda.html", allow("lambda:*Perm*", "arn:aws:lambda:eu-west-1:1:function:f"), SENSITIVE),
    # actions of a workload, and more of them than the wildcard was meant for
    (
        f"{REFERENCE}/list_amazonsqs.html",
        allow("sqs:*Message", QUEUE),
        SENSITIVE,
    ),  # ReceiveMessage returns their contents
    (f"{REFERENCE}/list_amazonsqs.html", allow("sqs:Delete*", QUEUE), PATTERN),
    (f"{REFERENCE}/list_amazonsagemaker.html", allow("sagemaker:Invoke*", ENDPOINT), PATTERN),
    (f"{REFERENCE}/list_amazonkinesis.html", allow("kinesis:Put*", STREAM), SENSITIVE),
    (f"{REFERENCE}/list_amazoncloudwatchlogs.html", allow("logs:Create*", STREAMS), PATTERN),
    # wildcards that match a single action, or only actions that list and describe
    (f"{REFERENCE}/list_amazonsqs.html", allow("sqs:Receive*", QUEUE), ""),
    (f"{REFERENCE}/list_amazonsqs.html", allow("sqs:GetQueue*", QUEUE), ""),
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:Describe*", TABLE), ""),
    (f"{REFERENCE}/list_amazonsqs.html", allow("sqs:SendMess?ge", QUEUE), ""),
    (f"{REFERENCE}/list_awsxray.html", allow("xray:PutTele*", "*"), ""),
    (ACTION, {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}, ""),
]


@cases(PATTERNS, role_has_no_partial_wildcard_action, role_lists_sensitive_actions_by_name)
def test_partial_wildcards(policy: Any, ids: str) -> None:
    """A partial wildcard is judged by the actions that it matches."""
    check(policy, ids)


def test_an_option_includes_read_only_actions() -> None:
    """Wildcards that match only read-only actions pass by default, and fail with includeReadOnly."""
    stack = stack_of(allow("dynamodb:Describe*", TABLE))
    assert judge(role_has_no_partial_wildcard_action, stack) == PASS
    assert judge(role_has_no_partial_wildcard_action, stack, WildcardOptions(include_read_only=True)) == FAIL


def test_wildcards_for_all_services_have_a_higher_severity() -> None:
    """The rule's severity is high; findings about `*` and NotAction are critical."""
    policy = document(allow("*", TABLE), allow("sqs:*"), {"Effect": "Allow", "NotAction": "iam:*", "Resource": TABLE})
    findings = judgements(role_has_no_wildcard_action, stack_of(policy))["held"].findings
    assert [finding.severity for finding in findings] == [Severity.CRITICAL, None, Severity.CRITICAL]


def test_messages_name_the_matching_actions() -> None:
    """A reader sees what the wildcard matches."""
    (finding,) = judgements(role_has_no_partial_wildcard_action, stack_of(allow("sqs:Delete*", QUEUE)))["held"].findings
    assert finding.message == "allows sqs:Delete*, which matches sqs:DeleteMessage, sqs:DeleteQueue"
    (finding,) = judgements(role_lists_sensitive_actions_by_name, stack_of(allow("sqs:*Permission", QUEUE)))[
        "held"
    ].findings
    assert finding.message == (
        "allows sqs:*Permission, which matches 2 actions, including sqs:AddPermission, which changes permissions"
    )
