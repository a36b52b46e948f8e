"""Policies of resources as AWS's own guides print them, by the page, each with who holds it."""

from __future__ import annotations

from typing import Any

from policypack.testing import ACCOUNT, REGION
from tests.policypack.rules.holders import BUCKET_ARN, DOCS, QUEUE_ARN, TOPIC_ARN
from tests.policypack.rules.trusts import service, when

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/management"
LOGS = f"{BUCKET_ARN}/logs/AWSLogs/{ACCOUNT}/*"


def allow(principal: Any, action: Any, resource: Any = None, condition: Any = None) -> dict[str, Any]:
    """Give a statement that allows."""
    made = {"Effect": "Allow", "Principal": principal, "Action": action}
    made |= {"Resource": resource} if resource else {}
    return made | ({"Condition": condition} if condition else {})


def source(arn: Any, operator: str = "ArnLike", account: str = "") -> dict[str, Any]:
    """Limit who the service comes for."""
    return when(operator, "aws:SourceArn", arn) | (
        {"StringEquals": {"aws:SourceAccount": account}} if account and operator != "StringEquals" else {}
    )


DELIVERY = service("delivery.logs")
FULL_CONTROL = {"s3:x-amz-acl": "bucket-owner-full-control"}
DENY_HTTP = {
    **allow("*", "s3:*", [BUCKET_ARN, f"{BUCKET_ARN}/*"], when("Bool", "aws:SecureTransport", "false")),
    "Effect": "Deny",
}
SOURCES_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:*"
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
OWNER = allow({"AWS": ROOT}, "kms:*", "*")

RESOURCE_POLICIES: dict[str, tuple[str, list[Any]]] = {
    f"{DOCS}/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html#sqs-queue-policy": (
        "queue policy",
        [allow(service("s3"), ["SQS:SendMessage"], QUEUE_ARN, source("arn:aws:s3:*:*:example-data", account=ACCOUNT))],
    ),
    f"{DOCS}/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html#sns-topic-policy": (
        "topic policy",
        [allow(service("s3"), ["SNS:Publish"], TOPIC_ARN, source("arn:aws:s3:*:*:example-data", account=ACCOUNT))],
    ),
    f"{DOCS}/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html#key-policy-sns-sqs": (
        "key",
        [OWNER, allow(service("s3"), ["kms:GenerateDataKey", "kms:Decrypt"], "*")],
    ),
    f"{DOCS}/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html": (
        "queue policy",
        [allow(service("sns"), "sqs:SendMessage", QUEUE_ARN, source(TOPIC_ARN, "ArnEquals"))],
    ),
    f"{DOCS}/sns/latest/dg/sns-access-policy-use-cases.html": (
        "topic",
        [
            allow(
                {"AWS": "*"},
                [
                    *("SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission"),
                    *("SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"),
                ],
                TOPIC_ARN,
                when("StringEquals", "AWS:SourceOwner", ACCOUNT),
            ),
            allow("*", "sns:Publish", TOPIC_ARN, source(f"arn:aws:cloudwatch:us-east-2:{ACCOUNT}:alarm:*")),
        ],
    ),
    f"{DOCS}/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions": (
        "queue policy",
        [
            allow(
                service("events"),
                "sqs:SendMessage",
                QUEUE_ARN,
                source(f"arn:aws:events:{REGION}:{ACCOUNT}:rule/hourly", "ArnEquals"),
            )
        ],
    ),
    f"{DOCS}/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions": (
        "topic policy",
        [allow(service("events"), "sns:Publish", TOPIC_ARN)],
    ),
    f"{DOCS}/eventbridge/latest/userguide/eb-event-bus-perms.html": (
        "bus",
        [allow("*", "events:PutEvents", "*", when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))],
    ),
    f"{DOCS}/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html": (
        "bucket policy",
        [
            allow(service("cloudtrail"), "s3:GetBucketAcl", BUCKET_ARN, source(TRAIL, "StringEquals")),
            allow(
                service("cloudtrail"),
                "s3:PutObject",
                LOGS,
                {"StringEquals": {**FULL_CONTROL, "aws:SourceArn": TRAIL}},
            ),
        ],
    ),
    f"{DOCS}/elasticloadbalancing/latest/application/enable-access-logging.html": (
        "bucket policy",
        [allow(service("logdelivery.elasticloadbalancing"), "s3:PutObject", LOGS)],
    ),
    f"{DOCS}/elasticloadbalancing/latest/application/enable-access-logging.html#older-regions": (
        "bucket policy",
        [
            allow({"AWS": "arn:aws:iam::156460612806:root"}, "s3:PutObject", LOGS),
            allow(DELIVERY, "s3:PutObject", LOGS, {"StringEquals": FULL_CONTROL}),
            allow(DELIVERY, "s3:GetBucketAcl", BUCKET_ARN),
        ],
    ),
    f"{DOCS}/elasticloadbalancing/latest/network/enable-access-logs.html": (
        "bucket policy",
        [
            allow(
                DELIVERY,
                "s3:PutObject",
                LOGS,
                {
                    "StringEquals": {**FULL_CONTROL, "aws:SourceAccount": [ACCOUNT]},
                    "ArnLike": {"aws:SourceArn": [SOURCES_ARN]},
                },
            ),
            allow(DELIVERY, "s3:GetBucketAcl", BUCKET_ARN, source([SOURCES_ARN], account=ACCOUNT)),
        ],
    ),
    f"{DOCS}/AmazonS3/latest/userguide/enable-server-access-logging.html": (
        "bucket policy",
        [
            allow(
                service("logging.s3"),
                "s3:PutObject",
                f"{BUCKET_ARN}/logs*",
                source("arn:aws:s3:::source", account=ACCOUNT),
            )
        ],
    ),
    f"{DOCS}/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html": (
        "bucket policy",
        [
            allow(
                service("cloudfront"),
                "s3:GetObject",
                f"{BUCKET_ARN}/*",
                source(f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDFDVBD6EXAMPLE", "StringEquals"),
            ),
            allow(
                {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"},
                "s3:GetObject",
                f"{BUCKET_ARN}/*",
            ),
        ],
    ),
    f"{DOCS}/AmazonS3/latest/userguide/access-points-policies.html": (
        "bucket policy",
        [
            allow(
                {"AWS": "*"},
                "*",
                [BUCKET_ARN, f"{BUCKET_ARN}/*"],
                when("StringEquals", "s3:DataAccessPointAccount", ACCOUNT),
            )
        ],
    ),
    f"{DOCS}/AmazonS3/latest/userguide/security-best-practices.html": ("bucket policy", [DENY_HTTP]),
    f"{DOCS}/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html": (
        "key",
        [
            OWNER,
            allow(
                service(f"logs.{REGION}"),
                ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                "*",
                when("ArnEquals", "kms:EncryptionContext:aws:logs:arn", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g"),
            ),
        ],
    ),
    f"{DOCS}/kms/latest/developerguide/key-policy-default.html": (
        "key",
        [
            OWNER,
            allow({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ExampleRole"}, USE, "*"),
            allow(
                {"AWS": f"arn:aws:iam::{ACCOUNT}:role/ExampleRole"},
                ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "*",
                when("Bool", "kms:GrantIsForAWSResource", "true"),
            ),
        ],
    ),
    f"{DOCS}/amazondynamodb/latest/developerguide/encryption.usagenotes.html": (
        "key",
        [
            OWNER,
            allow(
                {"AWS": "*"},
                [*USE, "kms:CreateGrant"],
                "*",
                {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}},
            ),
            allow(service("dynamodb"), ["kms:Describe*", "kms:Get*", "kms:List*"], "*"),
        ],
    ),
    f"{DOCS}/lambda/latest/dg/images-create.html#gettingstarted-images-permissions": (
        "repository",
        [allow(service("lambda"), ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])],
    ),
    f"{DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/creating-sqs-standard-queues.html": (
        "queue",
        [allow({"AWS": ROOT}, "SQS:*", QUEUE_ARN)],
    ),
    f"{DOCS}/dtconsole/latest/userguide/set-up-sns.html": (
        "topic policy",
        [allow({"Service": ["codestar-notifications.amazonaws.com"]}, "SNS:Publish", TOPIC_ARN)],
    ),
}
