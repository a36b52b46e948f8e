"""Public resource-based policies; each case names the AWS page that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.rules.least_privilege.resource_policies.principals import (
    resource_policy_is_not_public,
)
from policypack.testing import ACCOUNT, FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements
from tests.policypack.rules.examples import examples
from tests.policypack.rules.holders import BUCKET_ARN, DOCS, HOLDERS, holding, let
from tests.policypack.rules.trusts import IAM, ORGANIZATION, root, service, when

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

PUBLIC = f"{DOCS}/AmazonS3/latest/userguide/access-control-block-public-access.html"
S3 = f"{DOCS}/AmazonS3/latest/userguide/example-bucket-policies.html"
ENDPOINTS = f"{DOCS}/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html"
SNS = f"{DOCS}/sns/latest/dg/sns-access-policy-use-cases.html"
SQS = f"{DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html"
BUS = f"{DOCS}/eventbridge/latest/userguide/eb-event-bus-perms.html"
KMS = f"{DOCS}/kms/latest/developerguide/key-policy-modifying-external-accounts.html"
LOGIC = f"{IAM}/reference_policies_evaluation-logic.html"
LOGGED_IN = {"Federated": "graph.facebook.com"}


def read(holder: str, condition: Any = None) -> dict[str, Any]:
    """Allow everyone to read."""
    return let(holder, "*", "s3:GetObject", condition)


def deny(holder: str, condition: Any = None, **more: Any) -> dict[str, Any]:
    """Deny everything to everyone under a condition."""
    return {**let(holder, "*", "*", condition, Resource="*"), "Effect": "Deny", **more}


@examples(
    resource_policy_is_not_public,
    "holder, statements, source",
    [
        ("bucket policy", [read("bucket policy")], PUBLIC, FAIL),
        ("bucket", [let("bucket", {"AWS": "*"}, "s3:PutObject")], PUBLIC, FAIL),
        ("bucket policy", [let("bucket policy", LOGGED_IN, "s3:PutObject")], PUBLIC, FAIL),
        ("bucket policy", [read("bucket policy", when("StringLike", "aws:SourceVpc", "vpc-*"))], PUBLIC, FAIL),
        ("bucket policy", [read("bucket policy", when("IpAddress", "aws:SourceIp", "0.0.0.0/1"))], PUBLIC, FAIL),
        ("bucket policy", [read("bucket policy", when("StringLike", "aws:Referer", "http://x/*"))], PUBLIC, FAIL),
        ("bucket policy", [read("bucket policy", when("Bool", "aws:SecureTransport", "true"))], PUBLIC, FAIL),
        ("bucket policy", [read("bucket policy", when("StringLike", "aws:PrincipalOrgID", "*"))], PUBLIC, FAIL),
        (
            "bucket policy",
            [read("bucket policy", when("StringEquals", "aws:PrincipalArn", "${aws:PrincipalArn}"))],
            PUBLIC,
            FAIL,
        ),
        ("queue policy", [let("queue policy", "*", "sqs:SendMessage")], SQS, FAIL),
        ("queue", [let("queue", {"AWS": "*"}, "SQS:*")], SQS, FAIL),
        (
            "queue policy",
            [let("queue policy", "*", "sqs:SendMessage", when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*"))],
            SQS,
            FAIL,
        ),
        ("topic policy", [let("topic policy", "*", ["sns:Publish", "sns:Subscribe"])], SNS, FAIL),
        ("topic", [let("topic", "*", "sns:Subscribe", when("StringEquals", "sns:Protocol", "https"))], SNS, FAIL),
        ("key", [let("key", "*", "kms:Decrypt")], KMS, FAIL),
        (
            "key policy",
            [let("key policy", "*", "kms:*", when("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"))],
            KMS,
            FAIL,
        ),
        (
            "repository",
            [let("repository", "*", "ecr:BatchGetImage")],
            f"{DOCS}/AmazonECR/latest/userguide/repository-policy-examples.html",
            FAIL,
        ),
        (
            "secret policy",
            [let("secret policy", "*", "secretsmanager:GetSecretValue")],
            f"{DOCS}/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
            FAIL,
        ),
        ("bus", [let("bus", "*", "events:PutEvents")], BUS, FAIL),
        (
            "table",
            [let("table", "*", "dynamodb:GetItem")],
            f"{DOCS}/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html",
            FAIL,
        ),
        (
            "function",
            [let("function", "*", "lambda:InvokeFunction")],
            f"{DOCS}/lambda/latest/dg/access-control-resource-based.html",
            FAIL,
        ),
        (
            "bucket policy",
            [read("bucket policy"), deny("bucket policy", when("Bool", "aws:SecureTransport", "false"))],
            LOGIC,
            FAIL,
        ),
        (
            "bucket policy",
            [
                read("bucket policy"),
                deny(
                    "bucket policy",
                    when("StringNotEquals", "aws:SourceVpce", "vpce-1"),
                    Resource=f"{BUCKET_ARN}/private/*",
                ),
            ],
            LOGIC,
            FAIL,
        ),
        ("bucket policy", [read("bucket policy", when("StringEquals", "aws:SourceVpc", "vpc-91237329"))], PUBLIC, PASS),
        ("bucket policy", [read("bucket policy", ORGANIZATION)], PUBLIC, PASS),
        (
            "bucket policy",
            [read("bucket policy", when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "10.0.0.0/8"]))],
            PUBLIC,
            PASS,
        ),
        (
            "bucket policy",
            [read("bucket policy", when("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"))],
            PUBLIC,
            PASS,
        ),
        (
            "bucket policy",
            [
                read(
                    "bucket policy",
                    when("ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/*"),
                )
            ],
            PUBLIC,
            PASS,
        ),
        (
            "bucket policy",
            [read("bucket policy"), deny("bucket policy", when("StringNotEquals", "aws:SourceVpce", "vpce-1a2b3c4d"))],
            ENDPOINTS,
            PASS,
        ),
        (
            "bucket policy",
            [
                read("bucket policy"),
                deny(
                    "bucket policy",
                    {
                        **when("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-1"),
                        **when("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
                    },
                ),
            ],
            f"{IAM}/access_policies_data-perimeters.html",
            PASS,
        ),
        ("bucket policy", [deny("bucket policy", when("Bool", "aws:SecureTransport", "false"))], S3, PASS),
        (
            "bucket policy",
            [
                let(
                    "bucket policy",
                    {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
                    "s3:GetObject",
                )
            ],
            S3,
            PASS,
        ),
        (
            "queue policy",
            [
                let(
                    "queue policy",
                    {"AWS": "*"},
                    "sqs:SendMessage",
                    when("ArnEquals", "aws:SourceArn", f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"),
                )
            ],
            SNS,
            PASS,
        ),
        (
            "topic",
            [
                let(
                    "topic",
                    {"AWS": "*"},
                    ["SNS:Publish", "SNS:Subscribe"],
                    when("StringEquals", "AWS:SourceOwner", ACCOUNT),
                )
            ],
            SNS,
            PASS,
        ),
        (
            "key",
            [let("key", {"AWS": "*"}, "kms:Decrypt", when("StringEquals", "kms:CallerAccount", ACCOUNT))],
            f"{DOCS}/kms/latest/developerguide/conditions-kms.html",
            PASS,
        ),
        ("bus", [let("bus", "*", "events:PutEvents", ORGANIZATION)], BUS, PASS),
        (
            "repository",
            [let("repository", root(), "ecr:BatchGetImage")],
            f"{DOCS}/AmazonECR/latest/userguide/repository-policy-examples.html",
            PASS,
        ),
        ("queue policy", [let("queue policy", service("sns"), "sqs:SendMessage")], SQS, PASS),  # not everyone
        ("queue", [""], SQS, PASS),  # the provider writes no policy so
        ("queue policy", ["no policy"], SQS, PASS),  # SQS rejects it
        ("queue policy", [UNKNOWN], SQS, UNDECIDED),
    ],
)
def test_resource_policy_is_not_public(holder: str, statements: Any, source: str, verdict: Verdict) -> None:
    """Access of everyone is restricted to a fixed value, or denied otherwise."""
    assert judge(resource_policy_is_not_public, holding(holder, *statements)) == verdict, source


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_type_with_a_policy_is_judged(holder: str) -> None:
    """The path is that of the principal, whichever property holds the policy."""
    stack = holding(holder, let(holder, root(), "x:Do"), let(holder, {"AWS": ["*"]}, "x:Do"))
    (finding,) = judgements(resource_policy_is_not_public, stack)["held"].findings
    assert (finding.message, finding.path) == ("grants x:Do to everyone", "policy.Statement[1].Principal.AWS[0]")
