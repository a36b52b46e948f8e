"""Functions whose execution roles allow what Lambda does on their behalf, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.rules.least_privilege.missing.lambda_ import (
    event_source_mapping_role_can_read_source,
    function_role_can_create_network_interfaces,
    function_role_can_send_xray_traces,
)
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.programs import function, role, table
from tests.policypack.rules.workloads import AWS_POLICY, POLL, allow, arn, deny, feed, may, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

SQS = "Lambda guide, 'Using Lambda with Amazon SQS'"
STREAMS = "Lambda guide, 'Process Amazon Kinesis Data Streams (DynamoDB) records with Lambda'"
WORK = arn("sqs", "work")


def queue_fed(*statements: Any, **settings: Any) -> Builder:
    """Build a function with a queue as its event source."""
    return lambda: feed(aws.sqs.Queue("work", name="work").arn, worker(*statements, **settings))


def table_fed(action: Any, target: str = arn("dynamodb", "table/results/stream/*")) -> Builder:
    """Build a function with a DynamoDB stream as its event source."""

    def build() -> None:
        results = table("results", name="results", stream_enabled=True, stream_view_type="KEYS_ONLY")
        feed(results.stream_arn, worker(allow(action, target)))

    return build


def stream_fed(action: Any) -> Builder:
    """Build a function with a Kinesis stream as its event source."""
    return lambda: feed(
        aws.kinesis.Stream("s", name="s", shard_count=1).arn, worker(allow(action, arn("kinesis", "stream/s")))
    )


def by_queue_policy(principal: str) -> Builder:
    """Build a queue whose policy allows a principal to read, and a function whose role has no policy."""

    def build() -> None:
        queue = aws.sqs.Queue("work", name="work")
        consumer = worker(name="worker")
        statement = {**allow(POLL, WORK), "Principal": {"AWS": principal}}
        aws.sqs.QueuePolicy("policy", queue_url=queue.url, policy=text(document(statement)))
        feed(queue.arn, consumer)

    return build


@examples(
    event_source_mapping_role_can_read_source,
    "source, build",
    [
        (SQS, queue_fed(allow(POLL, WORK)), PASS),
        (SQS, queue_fed(allow("sqs:*", WORK)), PASS),
        (SQS, queue_fed(allow(POLL[:2], WORK), allow("SQS:getqueueattributes", "*")), PASS),
        (SQS, queue_fed(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"]), PASS),
        (SQS, queue_fed(), FAIL),
        (SQS, queue_fed(allow(POLL[:1], WORK)), FAIL),
        (SQS, queue_fed(allow([POLL[0], POLL[2]], WORK)), FAIL),
        (SQS, queue_fed(allow(POLL[:2], WORK)), FAIL),
        (SQS, queue_fed(allow(POLL, arn("sqs", "other"))), FAIL),
        (SQS, queue_fed(allow(POLL, "*"), deny("sqs:DeleteMessage")), FAIL),
        (SQS, queue_fed(managed=[f"{AWS_POLICY}service-role/AWSLambdaBasicExecutionRole"]), FAIL),
        ("unknowns: a policy document", queue_fed(allow(POLL, UNKNOWN)), UNDECIDED),
        ("unknowns: a policy outside the stack", queue_fed(managed=[f"{AWS_POLICY}Elsewhere"]), UNDECIDED),
        (
            "SQS guide, 'Basic examples of SQS policies': the queue's own policy is enough within an account",
            by_queue_policy(f"arn:aws:iam::{ACCOUNT}:role/worker-role-1a2b3c4"),
            PASS,
        ),
        ("as before, for another role", by_queue_policy(f"arn:aws:iam::{ACCOUNT}:role/other"), FAIL),
        (
            STREAMS,
            table_fed([f"dynamodb:{verb}" for verb in ("GetRecords", "GetShardIterator", "DescribeStream")]),
            PASS,
        ),
        (STREAMS, table_fed("dynamodb:*", arn("dynamodb", "table/results*")), PASS),
        (STREAMS, table_fed("dynamodb:GetItem", arn("dynamodb", "table/results")), FAIL),
        (
            STREAMS,
            table_fed("dynamodb:*", arn("dynamodb", "table/results")),
            FAIL,
        ),  # not the stream's ARN
        (STREAMS, stream_fed(["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"]), PASS),
        (STREAMS, stream_fed(["kinesis:Get*", "kinesis:DescribeStreamSummary", "kinesis:ListShards"]), PASS),
        (STREAMS, stream_fed("kinesis:PutRecord"), FAIL),
        ("the role is outside the stack", lambda: feed(WORK, function()), PASS),
    ],
)
def test_event_source_mapping_role_can_read_source(source: str, build: Builder, verdict: Verdict) -> None:
    """Lambda may read the event source with the role of the function."""
    assert judge(event_source_mapping_role_can_read_source, program(build)) == verdict, source


XRAY = "Lambda guide, 'Visualize Lambda function invocations using AWS X-Ray'"
VPC = "Lambda guide, 'Giving Lambda functions access to resources in an Amazon VPC'"
ACTIVE = aws.lambda_.FunctionTracingConfigArgs(mode="Active")
PASSING = aws.lambda_.FunctionTracingConfigArgs(mode="PassThrough")
TRACE = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")
WRITE = allow("logs:PutLogEvents", arn("logs", "log-group:/aws/lambda/worker:*"))


@examples(
    function_role_can_send_xray_traces,
    "source, statement, settings",
    [
        (XRAY, TRACE, {"tracing_config": ACTIVE}, PASS),
        (XRAY, allow("xray:Put*", "*"), {"tracing_config": ACTIVE}, PASS),
        (XRAY, WRITE, {"tracing_config": ACTIVE, "managed": [f"{AWS_POLICY}AWSXRayDaemonWriteAccess"]}, PASS),
        (XRAY, WRITE, {"tracing_config": PASSING}, PASS),
        (XRAY, WRITE, {}, PASS),
        (XRAY, WRITE, {"tracing_config": ACTIVE}, FAIL),
        (XRAY, allow("xray:GetTraceSummaries", "*"), {"tracing_config": ACTIVE}, FAIL),
        ("unknowns", WRITE, {"tracing_config": UNKNOWN}, UNDECIDED),
        ("unknowns", allow(UNKNOWN, "*"), {"tracing_config": ACTIVE}, UNDECIDED),
    ],
)
def test_function_role_can_send_xray_traces(source: str, statement: Any, settings: Any, verdict: Verdict) -> None:
    """Active tracing needs the permission to send traces."""
    stack = program(lambda: worker(statement, **settings))
    assert judge(function_role_can_send_xray_traces, stack) == verdict, source


INSIDE = aws.lambda_.FunctionVpcConfigArgs(subnet_ids=["subnet-1"], security_group_ids=["sg-1"])
OUTSIDE = aws.lambda_.FunctionVpcConfigArgs(subnet_ids=[], security_group_ids=[])
ENI = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]
FROM_CODE = {"ArnEquals": {"lambda:SourceFunctionArn": arn("lambda", "function:worker")}}


@examples(
    function_role_can_create_network_interfaces,
    "source, statements, settings",
    [
        (VPC, [allow(ENI, "*")], {"vpc_config": INSIDE}, PASS),
        (VPC, [allow(ENI, "*"), deny(ENI, Condition=FROM_CODE)], {"vpc_config": INSIDE}, PASS),  # AWS's own pattern
        (
            VPC,
            [WRITE],
            {"vpc_config": INSIDE, "managed": [f"{AWS_POLICY}service-role/AWSLambdaVPCAccessExecutionRole"]},
            PASS,
        ),
        (VPC, [WRITE], {"vpc_config": OUTSIDE}, PASS),
        (VPC, [WRITE], {}, PASS),
        (VPC, [WRITE], {"vpc_config": INSIDE}, FAIL),
        (VPC, [allow(ENI[:2], "*")], {"vpc_config": INSIDE}, FAIL),
        (VPC, [allow(ENI, "*"), deny("ec2:*")], {"vpc_config": INSIDE}, FAIL),
    ],
)
def test_function_role_can_create_network_interfaces(
    source: str, statements: Any, settings: Any, verdict: Verdict
) -> None:
    """A function in a VPC needs the permission to create network interfaces."""
    stack = program(lambda: worker(*statements, **settings))
    assert judge(function_role_can_create_network_interfaces, stack) == verdict, source


def test_finding_names_the_missing_actions_the_role_and_the_source() -> None:
    """One finding for each mapping; its fix is the statement to add."""
    stack = program(queue_fed(allow(POLL[1], WORK)))
    (finding,) = judgements(event_source_mapping_role_can_read_source, stack)["mapping"].findings
    expected = "reads work with role worker-role, which lacks sqs:ReceiveMessage, sqs:GetQueueAttributes"
    assert (finding.message, finding.path) == (expected, "eventSourceArn")
    actions = '["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]'
    statement = f'{{"Effect": "Allow", "Action": {actions}, "Resource": "{WORK}"}}'
    assert finding.fix == f"Add {statement} to an aws.iam.RolePolicy of worker-role."


@pytest.mark.parametrize("known", [False, True])
def test_mapping_to_an_alias(known: bool) -> None:
    """The role is that of the function, whether the ARN of the alias is known or not."""

    def build() -> None:
        queue, consumer = aws.sqs.Queue("work", name="work"), worker(WRITE)
        live = aws.lambda_.Alias("live", name="live", function_name=consumer.name, function_version="1")
        written = pulumi.Output.concat(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:", consumer.name, ":live")
        aws.lambda_.EventSourceMapping(
            "mapping", event_source_arn=queue.arn, function_name=written if known else live.arn
        )

    assert judge(event_source_mapping_role_can_read_source, program(build)) == FAIL


def test_policies_of_a_role_are_combined() -> None:
    """Each of two policies grants a part of the actions."""

    def build() -> None:
        holder = role("worker-role")
        may(holder, allow(POLL[:2], WORK), name="one")
        may(holder, allow(POLL[2:], WORK), name="other")
        feed(WORK, function(role=holder.arn))

    assert judge(event_source_mapping_role_can_read_source, program(build)) == PASS
