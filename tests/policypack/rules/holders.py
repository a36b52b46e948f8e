"""Resources that hold the policy of a resource, and statements to put there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.testing import ACCOUNT, REGION, program
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.trusts import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model import Stack

DOCS = "https://docs.aws.amazon.com"
BUCKET_ARN = "arn:aws:s3:::example-data"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/work"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
BUS_ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/orders"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/results"
SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"
STREAM_ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker"

HOLDERS: dict[str, tuple[Callable[[Any], object], str]] = {
    "bucket": (lambda policy: aws.s3.Bucket("held", policy=policy), f"{BUCKET_ARN}/*"),
    "bucket policy": (
        lambda policy: aws.s3.BucketPolicy("held", bucket="example-data", policy=policy),
        f"{BUCKET_ARN}/*",
    ),
    "queue": (lambda policy: aws.sqs.Queue("held", name="work", policy=policy), QUEUE_ARN),
    "queue policy": (lambda policy: aws.sqs.QueuePolicy("held", queue_url=QUEUE_URL, policy=policy), QUEUE_ARN),
    "topic": (lambda policy: aws.sns.Topic("held", name="news", policy=policy), TOPIC_ARN),
    "topic policy": (lambda policy: aws.sns.TopicPolicy("held", arn=TOPIC_ARN, policy=policy), TOPIC_ARN),
    "key": (lambda policy: aws.kms.Key("held", policy=policy), "*"),
    "key policy": (lambda policy: aws.kms.KeyPolicy("held", key_id="1234abcd", policy=policy), "*"),
    "secret": (lambda policy: aws.secretsmanager.Secret("held", policy=policy), "*"),
    "secret policy": (
        lambda policy: aws.secretsmanager.SecretPolicy("held", secret_arn=SECRET_ARN, policy=policy),
        "*",
    ),
    "bus": (lambda policy: aws.cloudwatch.EventBusPolicy("held", event_bus_name="orders", policy=policy), BUS_ARN),
    "repository": (lambda policy: aws.ecr.RepositoryPolicy("held", repository="images", policy=policy), ""),
    "table": (lambda policy: aws.dynamodb.ResourcePolicy("held", resource_arn=TABLE_ARN, policy=policy), TABLE_ARN),
    "stream": (lambda policy: aws.kinesis.ResourcePolicy("held", resource_arn=STREAM_ARN, policy=policy), STREAM_ARN),
    "function": (
        lambda policy: aws.lambda_.ResourcePolicy("held", resource_arn=FUNCTION_ARN, policy=policy),
        FUNCTION_ARN,
    ),
}  # fmt: skip - a holder a line
"""How each is made with a policy, and what its policy's Resource is."""


def holding(holder: str, *statements: Any, known: bool = True) -> Stack:
    """Build a stack with a policy of these statements; `known`: the account it is in can be told."""

    def build() -> None:
        made = document(*statements) if all(isinstance(one, dict) for one in statements) else statements[0]
        HOLDERS[holder][0](text(made) if isinstance(made, dict) else made)
        if known:
            here()

    return program(build)


def let(holder: str, principal: Any, action: Any, condition: Any = None, **more: Any) -> dict[str, Any]:
    """Give a statement of that holder's policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    if HOLDERS[holder][1]:
        statement.setdefault("Resource", HOLDERS[holder][1])
    return {**statement, "Condition": condition} if condition else statement
