"""Functions whose roles lack what Lambda does on their behalf."""

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

SQS = (
    "d8: a mapping without ReceiveMessage, DeleteMessage or GetQueueAttributes (Lambda guide, 'Using Lambda with SQS')"
)
STREAMS = "d8: a mapping without the stream's verbs (Lambda guide, 'Process ... records with Lambda')"
WORK = arn("sqs", "work")


def queue_fed(*statements: Any, **settings: Any) -> Builder:
    """Build a function that a queue feeds."""
    return lambda: feed(aws.sqs.Queue("work", name="work").arn, worker(*statements, **settings))


def table_fed(action: Any, target: str = arn("dynamodb", "table/results/stream/*")) -> Builder:
    """Build a function that a table's stream feeds."""

    def build() -> None:
        results = table("results", name="results", stream_enabled=True, stream_view_type="KEYS_ONLY")
        feed(results.stream_arn, worker(allow(action, target)))

    return build


def stream_fed(action: Any) -> Builder:
    """Build a function that a stream feeds."""
    return lambda: feed(
        aws.kinesis.Stream("s", name="s", shard_count=1).arn, worker(allow(action, arn("kinesis", "stream/s")))
    )


def by_its_own_policy(principal: str) -> Builder:
    """Build a queue whose own policy lets somebody read, and a function with no policy at all."""

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
        ("unknowns: a document that is not known yet", queue_fed(allow(POLL, UNKNOWN)), UNDECIDED),
        ("unknowns: a policy that is elsewhere", queue_fed(managed=[f"{AWS_POLICY}Elsewhere"]), UNDECIDED),
        (
            "SQS guide, 'Basic examples of SQS policies': the queue's own policy is enough within an account",
            by_its_own_policy(f"arn:aws:iam::{ACCOUNT}:role/worker-role-1a2b3c4"),
            PASS,
        ),
        ("as before, for somebody else", by_its_own_policy(f"arn:aws:iam::{ACCOUNT}:role/other"), FAIL),
        (
            STREAMS,
            table_fed([f"dynamodb:{verb}" for verb in ("GetRecords", "GetShardIterator", "DescribeStream")]),
            PASS,
        ),
        (STREAMS, table_fed("dynamodb:*", arn("dynamodb", "table/results*")), PASS),
        (STREAMS, table_fed("dynamodb:GetItem", arn("dynamodb", "table/results")), FAIL),
        (STREAMS, table_fed("dynamodb:*", arn("dynamodb", "table/results")), FAIL),  # the table is not its stream
        (STREAMS, stream_fed(["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"]), PASS),
        (STREAMS, stream_fed(["kinesis:Get*", "kinesis:DescribeStreamSummary", "kinesis:ListShards"]), PASS),
        (STREAMS, stream_fed("kinesis:PutRecord"), FAIL),
        ("d8: what is known of a role elsewhere", lambda: feed(WORK, function()), PASS),
    ],
)
def test_event_source_mapping_role_can_read_source(source: str, build: Builder, verdict: Verdict) -> None:
    """Lambda may take from a queue or stream what it is to hand to the function."""
    assert judge(event_source_mapping_role_can_read_source, program(build)) == verdict, source


XRAY = "d8: tracing Active without PutTraceSegments"
VPC = "d8: vpcConfig without ENI verbs (Lambda guide, 'Giving Lambda functions access to resources in a VPC')"
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
    """Active tracing takes the right to send traces."""
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
    """A function in a VPC takes the right to make network interfaces."""
    stack = program(lambda: worker(*statements, **settings))
    assert judge(function_role_can_create_network_interfaces, stack) == verdict, source


def test_what_is_missing_is_named_with_the_role_and_the_source() -> None:
    """One finding a mapping, at the property that makes it necessary."""
    stack = program(queue_fed(allow(POLL[1], WORK)))
    (finding,) = judgements(event_source_mapping_role_can_read_source, stack)["mapping"].findings
    expected = "reads work under role worker-role, which lacks sqs:ReceiveMessage, sqs:GetQueueAttributes"
    assert (finding.message, finding.path) == (expected, "eventSourceArn")
    actions = '["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]'
    statement = f'{{"Effect": "Allow", "Action": {actions}, "Resource": "{WORK}"}}'
    assert finding.fix == f"Add {statement} to an aws.iam.RolePolicy of worker-role."


@pytest.mark.parametrize("known", [False, True])
def test_an_alias_stands_for_its_function(known: bool) -> None:
    """The role is the function's, however the mapping names it."""

    def build() -> None:
        queue, consumer = aws.sqs.Queue("work", name="work"), worker(WRITE)
        live = aws.lambda_.Alias("live", name="live", function_name=consumer.name, function_version="1")
        written = pulumi.Output.concat(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:", consumer.name, ":live")
        aws.lambda_.EventSourceMapping(
            "mapping", event_source_arn=queue.arn, function_name=written if known else live.arn
        )

    assert judge(event_source_mapping_role_can_read_source, program(build)) == FAIL


def test_two_documents_of_a_role_count_together() -> None:
    """Each of them grants a part."""

    def build() -> None:
        holder = role("worker-role")
        may(holder, allow(POLL[:2], WORK), name="one")
        may(holder, allow(POLL[2:], WORK), name="other")
        feed(WORK, function(role=holder.arn))

    assert judge(event_source_mapping_role_can_read_source, program(build)) == PASS
