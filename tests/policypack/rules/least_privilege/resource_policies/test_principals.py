"""Principals of resource-based policies; each case names the AWS page that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.access.stack_accounts import AccountOptions
from policypack.rules.least_privilege.resource_policies.principals import (
    resource_policy_allows_only_known_accounts,
    resource_policy_grants_no_permissions_management,
    resource_policy_has_no_not_principal,
    resource_policy_has_no_wildcard_action,
    resource_policy_is_not_public,
)
from policypack.testing import ACCOUNT, FAIL, PASS, UNDECIDED, UNKNOWN, judge
from tests.policypack.rules.examples import examples
from tests.policypack.rules.holders import DOCS, holding, let
from tests.policypack.rules.trusts import IAM, ORGANIZATION, OTHER, identity, root, service, when

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

S3 = f"{DOCS}/AmazonS3/latest/userguide/example-bucket-policies.html"
SNS = f"{DOCS}/sns/latest/dg/sns-access-policy-use-cases.html"
SQS = f"{DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html"
BUS = f"{DOCS}/eventbridge/latest/userguide/eb-event-bus-perms.html"
KMS = f"{DOCS}/kms/latest/developerguide/key-policy-modifying-external-accounts.html"
NOT_PRINCIPAL = f"{IAM}/reference_policies_elements_notprincipal.html"
ACTION = f"{IAM}/reference_policies_elements_action.html"
POINTS = f"{DOCS}/AmazonS3/latest/userguide/access-points-policies.html"


@examples(
    resource_policy_has_no_not_principal,
    "holder, statements, source",
    [
        (
            "queue policy",
            [{"Effect": "Allow", "NotPrincipal": root(OTHER), "Action": "sqs:SendMessage", "Resource": "*"}],
            NOT_PRINCIPAL,
            FAIL,
        ),
        (
            "topic",
            [{"Effect": "Allow", "NotPrincipal": {"AWS": OTHER}, "Action": "sns:Publish", "Resource": "*"}],
            NOT_PRINCIPAL,
            FAIL,
        ),
        (
            "bucket policy",
            [{"Effect": "Allow", "NotPrincipal": identity("user/a"), "Action": "s3:GetObject", "Resource": "*"}],
            NOT_PRINCIPAL,
            FAIL,
        ),
        (
            "bucket policy",
            [{"Effect": "Deny", "NotPrincipal": identity("user/a"), "Action": "s3:*", "Resource": "*"}],
            NOT_PRINCIPAL,
            PASS,
        ),
        ("queue policy", [let("queue policy", root(), "sqs:SendMessage")], SQS, PASS),
        ("queue policy", [UNKNOWN], SQS, UNDECIDED),
    ],
)
def test_resource_policy_has_no_not_principal(holder: str, statements: Any, source: str, verdict: Verdict) -> None:
    """NotPrincipal is right with Deny, and not with Allow."""
    stack = holding(holder, *statements)
    assert judge(resource_policy_has_no_not_principal, stack) == verdict, source
    if verdict == FAIL:
        assert judge(resource_policy_is_not_public, stack) == PASS  # it has one finding, not two


@examples(
    resource_policy_has_no_wildcard_action,
    "holder, statements, source",
    [
        ("queue policy", [let("queue policy", identity("role/app"), "sqs:*")], SQS, FAIL),
        ("queue policy", [let("queue policy", "*", "*")], SQS, FAIL),
        ("queue", [let("queue", service("sns"), "SQS:*")], SQS, FAIL),
        ("topic policy", [let("topic policy", root(OTHER), "sns:*")], SNS, FAIL),
        ("bucket policy", [let("bucket policy", identity("role/app"), ["s3:GetObject", "s3:*"])], S3, FAIL),
        ("bucket policy", [let("bucket policy", "*", "s3:*", ORGANIZATION)], S3, FAIL),
        (
            "bucket policy",
            [{"Effect": "Allow", "Principal": identity("role/app"), "NotAction": "s3:DeleteBucket", "Resource": "*"}],
            f"{IAM}/reference_policies_elements_notaction.html",
            FAIL,
        ),
        ("secret policy", [let("secret policy", identity("role/app"), "secretsmanager:*")], ACTION, FAIL),
        ("repository", [let("repository", identity("role/app"), "ecr:*")], ACTION, FAIL),
        ("table", [let("table", identity("role/app"), "dynamodb:*")], ACTION, FAIL),
        (
            "queue policy",
            [let("queue policy", root(), "SQS:*")],
            f"{DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/creating-sqs-standard-queues.html",
            PASS,
        ),  # the statement that the console writes
        ("topic", [let("topic", {"AWS": "*"}, "SNS:*", when("StringEquals", "AWS:SourceOwner", ACCOUNT))], SNS, PASS),
        (
            "bucket policy",
            [let("bucket policy", {"AWS": "*"}, "*", when("StringEquals", "s3:DataAccessPointAccount", ACCOUNT))],
            POINTS,
            PASS,
        ),
        ("bucket policy", [let("bucket policy", identity("role/app"), ["s3:GetObject", "s3:List*"])], S3, PASS),
        ("queue policy", [{**let("queue policy", "*", "sqs:*"), "Effect": "Deny"}], SQS, PASS),
        ("queue policy", [UNKNOWN], SQS, UNDECIDED),
    ],
)
def test_resource_policy_has_no_wildcard_action(holder: str, statements: Any, source: str, verdict: Verdict) -> None:
    """Only the account that owns the resource has all actions."""
    assert judge(resource_policy_has_no_wildcard_action, holding(holder, *statements)) == verdict, source


GRANTS = f"{DOCS}/kms/latest/developerguide/key-policy-modifying-external-accounts.html"
ELB = f"{DOCS}/elasticloadbalancing/latest/application/enable-access-logging.html"
BILLING = f"{DOCS}/cur/latest/userguide/cur-s3.html"
S3_6 = f"{DOCS}/securityhub/latest/userguide/s3-controls.html"
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
GRANT = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]


@examples(
    resource_policy_allows_only_known_accounts,
    "holder, statements, source",
    [
        ("queue policy", [let("queue policy", root(OTHER), "sqs:SendMessage")], SQS, FAIL),
        ("queue policy", [let("queue policy", {"AWS": OTHER}, "sqs:SendMessage")], SQS, FAIL),
        ("queue", [let("queue", identity("role/a", OTHER), "sqs:SendMessage")], SQS, FAIL),
        ("topic policy", [let("topic policy", root(OTHER), "sns:Publish")], SNS, FAIL),
        ("bucket policy", [let("bucket policy", root(OTHER), "s3:GetObject")], S3, FAIL),
        (
            "bucket policy",
            [let("bucket policy", "*", "s3:GetObject", when("StringEquals", "aws:PrincipalAccount", OTHER))],
            S3,
            FAIL,
        ),
        ("key", [let("key", root(), "kms:*"), let("key", root(OTHER), USE)], KMS, FAIL),
        ("repository", [let("repository", root(OTHER), "ecr:BatchGetImage")], S3, FAIL),
        ("secret policy", [let("secret policy", root(OTHER), "secretsmanager:GetSecretValue")], S3, FAIL),
        ("bus", [let("bus", root(OTHER), "events:PutEvents")], BUS, FAIL),
        ("table", [let("table", identity("role/a", OTHER), "dynamodb:GetItem")], S3, FAIL),
        ("queue policy", [let("queue policy", root(), "sqs:SendMessage")], SQS, PASS),
        ("queue policy", [let("queue policy", root(OTHER), "sqs:SendMessage", ORGANIZATION)], SQS, PASS),
        ("bucket policy", [let("bucket policy", root("127311923021"), "s3:PutObject")], ELB, PASS),
        ("bucket policy", [let("bucket policy", {"AWS": "797873946194"}, "s3:PutObject")], ELB, PASS),
        ("bucket policy", [let("bucket policy", root("386209384616"), "s3:PutObject")], BILLING, PASS),
        (
            "bucket policy",
            [
                let(
                    "bucket policy",
                    {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
                    "s3:GetObject",
                )
            ],
            S3,
            PASS,
        ),
        ("key", [let("key", root(), "kms:*"), let("key", identity("role/a"), USE)], KMS, PASS),
        (
            "topic",
            [let("topic", {"AWS": "*"}, "sns:Publish", when("StringEquals", "AWS:SourceOwner", ACCOUNT))],
            SNS,
            PASS,
        ),
        ("queue policy", [{**let("queue policy", root(OTHER), "sqs:*"), "Effect": "Deny"}], SQS, PASS),
        ("queue policy", [UNKNOWN], SQS, UNDECIDED),
    ],
)
def test_resource_policy_allows_only_known_accounts(
    holder: str, statements: Any, source: str, verdict: Verdict
) -> None:
    """Known are the account of the stack, those of AWS, and those in the option accounts."""
    stack = holding(holder, *statements)
    assert judge(resource_policy_allows_only_known_accounts, stack) == verdict, source
    assert judge(resource_policy_allows_only_known_accounts, stack, AccountOptions(accounts=(OTHER,))) != FAIL


@examples(
    resource_policy_grants_no_permissions_management,
    "holder, statements, source",
    [
        ("bucket policy", [let("bucket policy", root(OTHER), ["s3:GetObject", "s3:PutBucketPolicy"])], S3_6, FAIL),
        ("bucket policy", [let("bucket policy", root(OTHER), "s3:DeleteBucketPolicy")], S3_6, FAIL),
        ("bucket policy", [let("bucket policy", root(OTHER), "s3:PutObjectAcl")], S3_6, FAIL),
        ("bucket policy", [let("bucket policy", root(OTHER), "s3:Put*")], S3_6, FAIL),
        ("queue policy", [let("queue policy", root(OTHER), "sqs:AddPermission")], SQS, FAIL),
        ("queue policy", [let("queue policy", root(OTHER), "SQS:SetQueueAttributes")], SQS, FAIL),
        ("topic policy", [let("topic policy", root(OTHER), "sns:SetTopicAttributes")], SNS, FAIL),
        ("key", [let("key", root(), "kms:*"), let("key", root(OTHER), "kms:PutKeyPolicy")], KMS, FAIL),
        ("key", [let("key", root(), "kms:*"), let("key", root(OTHER), GRANT)], GRANTS, FAIL),
        ("repository", [let("repository", root(OTHER), "ecr:SetRepositoryPolicy")], S3_6, FAIL),
        ("secret policy", [let("secret policy", root(OTHER), "secretsmanager:PutResourcePolicy")], S3_6, FAIL),
        ("bucket policy", [let("bucket policy", root(OTHER), ["s3:GetObject", "s3:PutObject"])], S3, PASS),
        (
            "bucket policy",
            [
                let(
                    "bucket policy",
                    root(OTHER),
                    ["s3:PutObject", "s3:PutObjectAcl"],
                    when("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
                )
            ],
            S3,
            PASS,
        ),
        ("bucket policy", [let("bucket policy", root(), "s3:PutBucketPolicy")], S3_6, PASS),
        (
            "key",
            [
                let("key", root(), "kms:*"),
                let("key", root(OTHER), GRANT, when("Bool", "kms:GrantIsForAWSResource", "true")),
            ],
            GRANTS,
            PASS,
        ),
        ("key", [let("key", root(), "kms:*"), let("key", root(OTHER), USE)], KMS, PASS),
        ("queue policy", [let("queue policy", root(OTHER), "sqs:SendMessage")], SQS, PASS),
        (
            "queue policy",
            [let("queue policy", root(OTHER), "sqs:*")],
            SQS,
            PASS,
        ),  # judged by resource-policy-has-no-wildcard-action
        ("queue policy", [UNKNOWN], SQS, UNDECIDED),
    ],
)
def test_resource_policy_grants_no_permissions_management(
    holder: str, statements: Any, source: str, verdict: Verdict
) -> None:
    """Other accounts cannot change the permissions of the resource."""
    assert judge(resource_policy_grants_no_permissions_management, holding(holder, *statements)) == verdict, source
