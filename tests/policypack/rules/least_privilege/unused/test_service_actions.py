"""Roles with verbs that nothing they serve ever uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.unused.service_actions import (
    role_grants_network_interfaces_only_in_vpc,
    role_grants_xray_only_with_tracing,
    role_reads_only_its_event_sources,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, role, table
from tests.policypack.rules.workloads import AWS_POLICY, POLL, allow, arn, environment, feed, may, model, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

WORK = arn("sqs", "work")
TAKE = allow(POLL, WORK)
SEND = allow("sqs:SendMessage", WORK)
IDLE = "d7: SQS consume without a mapping"
READS = "d7: stream verbs without a mapping"


def queue(*statements: Any, mapped: bool = False, **settings: Any) -> Builder:
    """Build a queue and a function, which it may feed."""

    def build() -> None:
        work = aws.sqs.Queue("work", name="work")
        consumer = worker(*statements, **settings)
        if mapped:
            feed(work.arn, consumer)

    return build


def told(*statements: Any) -> Builder:
    """Build a function that is told of a queue, so that its own code may poll it."""

    def build() -> None:
        work = aws.sqs.Queue("work", name="work")
        worker(*statements, environment=environment(QUEUE=work.url))

    return build


def feeds_another() -> None:
    """Build a queue that feeds one function, while the other one may take from it as well."""
    work = aws.sqs.Queue("work", name="work")
    feed(work.arn, worker(TAKE, name="worker"))
    worker(TAKE, name="intruder")


def lost(*statements: Any) -> Builder:
    """Build a function whose dead-letter queue it is."""

    def build() -> None:
        work = aws.sqs.Queue("work", name="work")
        config = aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=work.arn)
        worker(*statements, dead_letter_config=config)

    return build


def streamed(*, mapped: bool) -> Builder:
    """Build a table with a stream, and a function that may read it."""

    def build() -> None:
        results = table("results", name="results", stream_enabled=True, stream_view_type="KEYS_ONLY")
        consumer = worker(allow("dynamodb:GetRecords", arn("dynamodb", "table/results/stream/*")))
        if mapped:
            feed(results.stream_arn, consumer)

    return build


@examples(
    role_reads_only_its_event_sources,
    "source, build",
    [
        (IDLE, queue(TAKE, mapped=True), PASS),
        (IDLE, queue(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"], mapped=True), PASS),
        (IDLE, queue(SEND), PASS),
        (IDLE, told(TAKE), PASS),  # its own code may poll
        (IDLE, queue(allow(POLL, arn("sqs", "elsewhere"))), PASS),  # d5
        (IDLE, queue(allow("sqs:*", WORK)), PASS),  # a2
        (IDLE, lambda: may(role("held"), TAKE), PASS),  # nobody works under it
        (READS, streamed(mapped=True), PASS),
        (IDLE, queue(TAKE), FAIL),
        (IDLE, queue(allow(POLL, "*")), FAIL),
        (IDLE, queue(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"]), FAIL),
        (IDLE, feeds_another, FAIL),
        (IDLE, lost(TAKE, SEND), FAIL),
        (READS, streamed(mapped=False), FAIL),
        ("unknowns", queue(TAKE, environment=environment(QUEUE=UNKNOWN)), UNDECIDED),
        ("unknowns", queue(allow(UNKNOWN, WORK)), UNDECIDED),
    ],
)
def test_role_reads_only_its_event_sources(source: str, build: Builder, verdict: Verdict) -> None:
    """Verbs of consumers are for those whom the source feeds."""
    assert judge(role_reads_only_its_event_sources, program(build)) == verdict, source


TRACE = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")
ACTIVE = aws.lambda_.FunctionTracingConfigArgs(mode="Active")
XRAY = "d7: X-Ray with tracing off"


def traced_by_one() -> None:
    """Build two functions under one role, one of them traced."""
    holder = role("shared")
    may(holder, TRACE)
    function("one", role=holder.arn)
    function("other", role=holder.arn, tracing_config=ACTIVE)


@examples(
    role_grants_xray_only_with_tracing,
    "source, build",
    [
        (XRAY, lambda: worker(TRACE, tracing_config=ACTIVE), PASS),
        (XRAY, lambda: worker(SEND), PASS),
        (XRAY, traced_by_one, PASS),
        (XRAY, lambda: worker(TRACE, layers=["arn:aws:lambda:eu-west-1:901920570463:layer:otel:1"]), PASS),
        (XRAY, lambda: model(TRACE), PASS),  # its container may send traces
        (XRAY, lambda: worker(allow("xray:*", "*")), PASS),  # a2
        (XRAY, lambda: worker(TRACE), FAIL),
        (XRAY, lambda: worker(TRACE, tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="PassThrough")), FAIL),
        (XRAY, lambda: worker(managed=[f"{AWS_POLICY}AWSXRayDaemonWriteAccess"]), FAIL),
        ("unknowns", lambda: worker(TRACE, tracing_config=UNKNOWN), UNDECIDED),
        ("unknowns", lambda: worker(allow(UNKNOWN, "*")), UNDECIDED),
    ],
)
def test_role_grants_xray_only_with_tracing(source: str, build: Builder, verdict: Verdict) -> None:
    """Traces are sent by what is traced."""
    assert judge(role_grants_xray_only_with_tracing, program(build)) == verdict, source


ENI = allow(["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"], "*")
VPC = "d7: ENI verbs without vpcConfig"
INSIDE = aws.lambda_.FunctionVpcConfigArgs(subnet_ids=["subnet-1"], security_group_ids=["sg-1"])
CONNECTED = aws.sagemaker.ModelVpcConfigArgs(subnets=["subnet-1"], security_group_ids=["sg-1"])
KAFKA = "arn:aws:kafka:eu-west-1:123456789012:cluster/events/1-2"


@examples(
    role_grants_network_interfaces_only_in_vpc,
    "source, build",
    [
        (VPC, lambda: worker(ENI, vpc_config=INSIDE), PASS),
        (VPC, lambda: worker(SEND), PASS),
        (VPC, lambda: feed(KAFKA, worker(ENI), topics=["events"]), PASS),  # Lambda reads in the brokers' network
        (VPC, lambda: model(ENI, vpc_config=CONNECTED), PASS),
        (VPC, lambda: worker(ENI), FAIL),
        (VPC, lambda: worker(managed=[f"{AWS_POLICY}service-role/AWSLambdaVPCAccessExecutionRole"]), FAIL),
        (VPC, lambda: feed(WORK, worker(ENI, TAKE)), FAIL),
        (VPC, lambda: model(ENI), FAIL),
        ("unknowns", lambda: worker(ENI, vpc_config=UNKNOWN), UNDECIDED),
    ],
)
def test_role_grants_network_interfaces_only_in_vpc(source: str, build: Builder, verdict: Verdict) -> None:
    """Interfaces are made by what is in a VPC."""
    assert judge(role_grants_network_interfaces_only_in_vpc, program(build)) == verdict, source


def test_what_is_idle_is_named() -> None:
    """With the source, and who does not use it."""
    stack = program(lost(TAKE, TRACE, ENI))
    (taking,) = judgements(role_reads_only_its_event_sources, stack)["worker-role"].findings
    assert taking.message == "may sqs:ReceiveMessage on work, from which worker takes nothing"
    assert taking.path == "policy.Statement[0].Resource"
    (tracing,) = judgements(role_grants_xray_only_with_tracing, stack)["worker-role"].findings
    assert tracing.message == "may send traces, though worker is not traced"
    (making,) = judgements(role_grants_network_interfaces_only_in_vpc, stack)["worker-role"].findings
    assert making.message == "may make network interfaces, though worker is in no VPC"
