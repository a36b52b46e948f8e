"""AWS services in resource-based policies; each case names the AWS page that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.rules.least_privilege.resource_policies.service_sources import (
    resource_policy_prevents_confused_deputy,
    resource_policy_source_arn_is_not_wildcard,
)
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, UNKNOWN, judge, judgements
from tests.policypack.rules.examples import examples
from tests.policypack.rules.holders import BUCKET_ARN, DOCS, holding, let
from tests.policypack.rules.trusts import IAM, root, service, when

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

DEPUTY = f"{IAM}/confused-deputy.html"
OPERATORS = f"{IAM}/reference_policies_elements_condition_operators.html"
SNS = f"{DOCS}/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"
S3 = f"{DOCS}/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html"
BUS = f"{DOCS}/eventbridge/latest/userguide/eb-use-resource-based.html"
TRAIL = f"{DOCS}/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"
CDN = f"{DOCS}/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
LOGS = f"{DOCS}/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
BUCKET = BUCKET_ARN
ANY_BUCKET = "arn:aws:s3:*:*:example-data"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/hourly"
IN_A_FOLDER = when("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-a1b2c3d4e5/r-1/*")
OURS = when("StringEquals", "aws:SourceAccount", ACCOUNT)


def like(arn: Any, operator: str = "ArnLike") -> dict[str, Any]:
    """Give a condition on the source."""
    return when(operator, "aws:SourceArn", arn)


def send(name: str, condition: Any = None, holder: str = "queue policy") -> dict[str, Any]:
    """Allow a service to send messages."""
    return let(holder, service(name), "sqs:SendMessage", condition)


def publish(name: str, condition: Any = None) -> dict[str, Any]:
    """Allow a service to publish to a topic."""
    return let("topic policy", service(name), "sns:Publish", condition)


def write(name: str, arn: str = "", operator: str = "StringEquals") -> dict[str, Any]:
    """Allow a service to use a bucket."""
    condition = like(arn, operator) if arn else None
    return let("bucket policy", service(name), ["s3:GetObject", "s3:PutObject"], condition)


@examples(
    resource_policy_prevents_confused_deputy,
    "holder, statement, source",
    [
        ("queue policy", send("sns"), SNS, FAIL),
        ("queue", send("events", holder="queue"), BUS, FAIL),
        ("queue policy", send("s3"), S3, FAIL),
        ("queue policy", send("s3", like(BUCKET)), S3, FAIL),  # another account may own that name later
        ("topic policy", publish("s3", like(ANY_BUCKET)), S3, FAIL),
        ("queue policy", send("sns", when("Bool", "aws:SecureTransport", "true")), DEPUTY, FAIL),
        ("queue policy", send("sns", like(TOPIC, "ArnLikeIfExists")), OPERATORS, FAIL),
        ("queue policy", send("sns", like(TOPIC, "ArnNotLike")), OPERATORS, FAIL),
        ("queue policy", send("sns", like(TOPIC, "ForAllValues:ArnLike")), OPERATORS, FAIL),
        ("topic policy", publish("cloudwatch"), DEPUTY, FAIL),
        ("topic policy", publish("budgets"), f"{DOCS}/cost-management/latest/userguide/budgets-sns-policy.html", FAIL),
        ("bucket policy", write("cloudtrail"), TRAIL, FAIL),
        ("bucket policy", write("cloudfront"), CDN, FAIL),
        ("key", let("key", service("logs"), ["kms:Encrypt*", "kms:Decrypt*"]), LOGS, FAIL),
        ("secret policy", let("secret policy", service("appflow"), "secretsmanager:GetSecretValue"), DEPUTY, FAIL),
        ("repository", let("repository", service("codebuild"), "ecr:BatchGetImage"), DEPUTY, FAIL),
        (
            "queue policy",
            let(
                "queue policy",
                {"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]},
                "sqs:SendMessage",
                like(ANY_BUCKET),
            ),
            S3,
            FAIL,
        ),
        ("queue policy", send("sns", like(TOPIC, "ArnEquals")), SNS, PASS),
        ("queue policy", send("sns", like([TOPIC, f"{TOPIC}-more"])), SNS, PASS),
        ("queue policy", send("sns", OURS), SNS, PASS),
        ("queue policy", send("s3", {**like(ANY_BUCKET), **OURS}), S3, PASS),
        ("topic policy", publish("s3", {**like(BUCKET, "StringLike"), **OURS}), S3, PASS),
        (
            "queue policy",
            send("events", like(RULE, "ArnEquals")),
            BUS,
            PASS,
        ),
        ("queue policy", send("sns", when("StringEquals", "aws:SourceOrgID", "o-a1b2c3d4e5")), DEPUTY, PASS),
        (
            "queue policy",
            send("sns", IN_A_FOLDER),
            DEPUTY,
            PASS,
        ),
        ("topic policy", publish("events"), BUS, PASS),  # "You can't use Condition blocks"
        (
            "bucket policy",
            let(
                "bucket policy",
                service("cloudfront"),
                "s3:GetObject",
                like(f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", "StringEquals"),
            ),
            CDN,
            PASS,
        ),
        (
            "bucket policy",
            let(
                "bucket policy",
                service("cloudtrail"),
                "s3:PutObject",
                like(f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t", "StringEquals"),
            ),
            TRAIL,
            PASS,
        ),
        (
            "key",
            let(
                "key",
                service("logs"),
                ["kms:Encrypt*"],
                when("ArnLike", "kms:EncryptionContext:aws:logs:arn", f"arn:aws:logs:{REGION}:{ACCOUNT}:*"),
            ),
            LOGS,
            PASS,
        ),
        (
            "key",
            let("key", service("sns"), ["kms:GenerateDataKey*", "kms:Decrypt"]),
            f"{DOCS}/sns/latest/dg/sns-key-management.html",
            PASS,
        ),
        ("queue policy", {**send("sns"), "Effect": "Deny"}, DEPUTY, PASS),
        ("queue policy", let("queue policy", root(), "sqs:SendMessage"), SNS, PASS),
        ("queue policy", send("sns", like("*")), DEPUTY, PASS),  # judged by the other rule
        ("queue policy", UNKNOWN, SNS, UNDECIDED),
    ],
)
def test_resource_policy_prevents_confused_deputy(holder: str, statement: Any, source: str, verdict: Verdict) -> None:
    """The service acts only on behalf of the own account."""
    assert judge(resource_policy_prevents_confused_deputy, holding(holder, statement)) == verdict, source


@examples(
    resource_policy_source_arn_is_not_wildcard,
    "holder, statement, source",
    [
        ("queue policy", send("sns", like("*")), DEPUTY, FAIL),
        ("queue policy", send("sns", like("arn:aws:sns:*:*:*")), DEPUTY, FAIL),
        ("queue policy", send("sns", like("arn:aws:sns:*:*:news")), DEPUTY, FAIL),  # in any account
        ("queue policy", send("sns", like([TOPIC, "*"])), DEPUTY, FAIL),
        ("queue policy", send("events", like("arn:aws:events:eu-west-1:*:rule/*", "StringLike")), BUS, FAIL),
        ("queue policy", send("s3", like("arn:aws:s3:::*")), S3, FAIL),
        ("queue policy", send("sns", when("StringLike", "aws:SourceAccount", "*")), DEPUTY, FAIL),
        ("queue policy", send("sns", when("StringLike", "aws:SourceAccount", "1234*")), DEPUTY, FAIL),
        ("topic policy", publish("cloudwatch", like("arn:aws:cloudwatch:*:*:alarm:*")), DEPUTY, FAIL),
        (
            "bucket policy",
            let(
                "bucket policy",
                service("cloudfront"),
                "s3:GetObject",
                like("arn:aws:cloudfront::*:distribution/*", "StringLike"),
            ),
            CDN,
            FAIL,
        ),
        ("queue policy", send("sns", like(TOPIC)), DEPUTY, PASS),
        ("queue policy", send("sns", like(f"arn:aws:sns:*:{ACCOUNT}:*")), DEPUTY, PASS),
        ("queue policy", send("sns", {**like("*"), **OURS}), DEPUTY, PASS),
        ("queue policy", send("s3", {**like("arn:aws:s3:::*"), **OURS}), S3, PASS),
        ("topic policy", publish("cloudwatch", like(f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*")), DEPUTY, PASS),
        ("queue policy", send("sns"), DEPUTY, PASS),  # judged by the other rule
        (
            "queue policy",
            send("sns", like("arn:aws:sns:*:*:*", "ArnNotLike")),
            DEPUTY,
            PASS,
        ),  # judged by the other rule
        ("queue policy", {**send("sns", like("*")), "Effect": "Deny"}, DEPUTY, PASS),
        ("queue policy", UNKNOWN, SNS, UNDECIDED),
    ],
)
def test_resource_policy_source_arn_is_not_wildcard(holder: str, statement: Any, source: str, verdict: Verdict) -> None:
    """The condition on the source restricts the account."""
    stack = holding(holder, statement)
    assert judge(resource_policy_source_arn_is_not_wildcard, stack) == verdict, source
    if verdict == FAIL:
        assert judge(resource_policy_prevents_confused_deputy, stack) == PASS  # it has one finding, not two


def test_fix_is_the_condition_to_add() -> None:
    """It contains the account of the statement; the path is that of the service."""
    (finding,) = judgements(resource_policy_prevents_confused_deputy, holding("queue policy", send("sns")))[
        "held"
    ].findings
    assert finding.message == "allows sns on behalf of any account"
    assert finding.path == "policy.Statement[0].Principal.Service"
    assert finding.fix == 'Add to the statement: "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}.'
