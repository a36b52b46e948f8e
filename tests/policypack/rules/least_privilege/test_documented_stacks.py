"""Whole stacks with the minimal roles that AWS documents: no rule about least privilege has anything to say.

Lambda developer guide ("Using Lambda with Amazon SQS", "... Kinesis", "... DynamoDB", "Giving Lambda functions access
to resources in an Amazon VPC", "AWS X-Ray"), DynamoDB, SQS and KMS developer guides, SageMaker AI developer guide
("CreateModel API: Execution role permissions", "Cross-service confused deputy prevention").
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.pack import PACK
from policypack.testing import ACCOUNT, PASS, REGION, judgements, program
from tests.policypack.rules.policies import document
from tests.policypack.rules.programs import function, role, table
from tests.policypack.rules.workloads import LOGS, POLL, SAGEMAKER, allow, arn, deny, environment, feed, may

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = [rule for rule in PACK.rules if rule.concern == "least_privilege"]
KEY = arn("kms", "key/*")
TRACE = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")
INTERFACES = [
    *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    *("ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
]


def through(*services: str, alias: str = "alias/app") -> dict[str, Any]:
    """Give a condition on the key and on who uses it for the caller."""
    via = [f"{service}.{REGION}.amazonaws.com" for service in services]
    return {"StringEquals": {"kms:ViaService": via}, "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}


def account_key() -> aws.kms.Alias:
    """Give a customer key that is left to the account's own policies."""
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    policy = document({"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"})
    key = aws.kms.Key("key", policy=json.dumps(policy))
    return aws.kms.Alias("key", name="alias/app", target_key_id=key.key_id)


def work(name: str, *statements: Any, **settings: Any) -> aws.lambda_.Function:
    """Give a function with its log group, and a role for exactly this."""
    holder = role(f"{name}-role")
    group = aws.cloudwatch.LogGroup(f"{name}-logs", name=f"/aws/lambda/{name}-1a2b3c4")
    writes = allow(LOGS, arn("logs", f"log-group:/aws/lambda/{name}-1a2b3c4:*"))
    may(holder, writes, *statements, name=f"{name}-policy")
    return function(name, role=holder.arn, opts=pulumi.ResourceOptions(depends_on=[group]), **settings)


def queue_to_model() -> None:
    """Build a queue that feeds a function in a VPC, which asks a model and keeps its answers under a customer key."""
    alias = account_key()
    queue = aws.sqs.Queue("work", name="work", kms_master_key_id=alias.name)
    encryption = aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=alias.target_key_arn)
    results = table("results", name="results", server_side_encryption=encryption)
    inside = aws.lambda_.FunctionVpcConfigArgs(subnet_ids=["subnet-1"], security_group_ids=["sg-1"])
    own = {"ArnEquals": {"lambda:SourceFunctionArn": arn("lambda", "function:worker-1a2b3c4")}}
    worker = work(
        "worker",
        allow(POLL, arn("sqs", "work")),
        allow("dynamodb:PutItem", arn("dynamodb", "table/results")),
        allow("sagemaker:InvokeEndpoint", arn("sagemaker", "endpoint/churn")),
        allow("kms:Decrypt", KEY, Condition=through("sqs", "dynamodb")),
        TRACE,
        allow(INTERFACES, "*"),
        deny(INTERFACES, Condition=own),
        environment=environment(TABLE=results.name, ENDPOINT="churn"),
        tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
        vpc_config=inside,
    )
    feed(queue.arn, worker)


def hosted_model() -> None:
    """Build a model in a VPC, and its endpoint that keeps what it is asked."""
    trust = {"Effect": "Allow", "Principal": {"Service": SAGEMAKER}, "Action": "sts:AssumeRole"}
    condition = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*"},
    }
    holder = role("model-role", assume_role_policy=json.dumps(document({**trust, "Condition": condition})))
    verbs = [
        *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"),
        *("ec2:DeleteNetworkInterfacePermission", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs"),
        *("ec2:DescribeDhcpOptions", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
    ]
    may(
        holder,
        allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], "*"),
        allow("s3:GetObject", "arn:aws:s3:::models/churn/model.tar.gz"),
        allow("s3:PutObject", "arn:aws:s3:::captures/churn/*"),
        allow(
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            arn("ecr", "repository/churn"),
        ),
        allow(["logs:CreateLogGroup", *LOGS], arn("logs", "log-group:/aws/sagemaker/Endpoints/*")),
        allow(verbs, "*"),
    )
    container = aws.sagemaker.ModelPrimaryContainerArgs(
        image=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn@sha256:{'0' * 64}",
        model_data_url="s3://models/churn/model.tar.gz",
    )
    inside = aws.sagemaker.ModelVpcConfigArgs(subnets=["subnet-1"], security_group_ids=["sg-1"])
    served = aws.sagemaker.Model("model", execution_role_arn=holder.arn, primary_container=container, vpc_config=inside)
    variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        model_name=served.name, initial_instance_count=2, instance_type="ml.c5.large"
    )
    option = aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs(capture_mode="Input")
    capture = aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        capture_options=[option], destination_s3_uri="s3://captures/churn", initial_sampling_percentage=100
    )
    configuration = aws.sagemaker.EndpointConfiguration(
        "configuration", production_variants=[variant], data_capture_config=capture
    )
    aws.sagemaker.Endpoint("endpoint", endpoint_config_name=configuration.name)


def streams() -> None:
    """Build functions that a Kinesis stream and the stream of a table feed."""
    stream = aws.kinesis.Stream("events", name="events", shard_count=1)
    verbs = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"]
    feed(stream.arn, work("reader", allow([f"kinesis:{verb}" for verb in verbs], arn("kinesis", "stream/events"))))
    orders = table("orders", name="orders", stream_enabled=True, stream_view_type="NEW_IMAGE")
    verbs = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]
    target = arn("dynamodb", "table/orders/stream/*")
    follower = work("follower", allow([f"dynamodb:{verb}" for verb in verbs], target))
    aws.lambda_.EventSourceMapping(
        "orders", event_source_arn=orders.stream_arn, function_name=follower.arn, starting_position="LATEST"
    )


def objects() -> None:
    """Build a bucket whose objects a function reads, and a topic that a queue takes from."""
    bucket = aws.s3.Bucket("data", bucket="data")
    reader = work("reader", allow("s3:GetObject", "arn:aws:s3:::data/*"))
    aws.lambda_.Permission(
        "data",
        action="lambda:InvokeFunction",
        function=reader.name,
        principal="s3.amazonaws.com",
        source_arn="arn:aws:s3:::data",
        source_account=ACCOUNT,
    )
    tells = aws.s3.BucketNotificationLambdaFunctionArgs(lambda_function_arn=reader.arn, events=["s3:ObjectCreated:*"])
    aws.s3.BucketNotification("data", bucket=bucket.bucket, lambda_functions=[tells])
    topic, queue = aws.sns.Topic("news", name="news"), aws.sqs.Queue("news", name="news")
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    condition = {"ArnEquals": {"aws:SourceArn": arn("sns", "news")}}
    policy = document({**statement, "Resource": arn("sqs", "news"), "Condition": condition})
    aws.sqs.QueuePolicy("news", queue_url=queue.url, policy=json.dumps(policy))
    aws.sns.TopicSubscription("news", topic=topic.arn, protocol="sqs", endpoint=queue.arn)


def producer() -> None:
    """Build a function that sends to an encrypted queue, reads a secret, and hands failures to a queue."""
    alias = account_key()
    queue = aws.sqs.Queue("work", name="work", kms_master_key_id=alias.name)
    lost = aws.sqs.Queue("lost", name="lost")
    secret = aws.secretsmanager.Secret("token", name="app/token", kms_key_id=alias.target_key_arn)
    work(
        "sender",
        allow("sqs:SendMessage", arn("sqs", "work")),
        allow("sqs:SendMessage", arn("sqs", "lost")),
        allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:app/token-??????")),
        allow(["kms:GenerateDataKey", "kms:Decrypt"], KEY, Condition=through("sqs", "secretsmanager")),
        environment=environment(QUEUE=queue.url, SECRET=secret.name),
        dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=lost.arn),
    )


@pytest.mark.parametrize("build", [queue_to_model, hosted_model, streams, objects, producer])
def test_documented_stacks_break_no_rule(build: Callable[[], None]) -> None:
    """Nothing is found, and nothing is left open."""
    stack = program(build)
    found = [
        (rule.id, name, judgement.findings, judgement.unknown)
        for rule in RULES
        for name, judgement in judgements(rule, stack).items()
        if judgement.verdict != PASS
    ]
    assert found == []
