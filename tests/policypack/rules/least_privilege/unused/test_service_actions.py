"""Roles that grant consuming messages, tracing and network interfaces without a use for them."""

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
QUEUES = "receiving from a queue that is an event source, or not"
STREAMS = "reading a stream that is an event source, or not"


def queue(*statements: Any, mapped: bool = False, **settings: Any) -> Builder:
    """Build a queue and a function, with an event source mapping if `mapped`."""

    def build() -> None:
        work = aws.sqs.Queue("work", name="work")
        consumer = worker(*statements, **settings)
        if mapped:
            feed(work.arn, consumer)

    return build


def in_environment(*statements: Any) -> Builder:
    """Build a function with the URL of a queue in its environment, so that its code may poll the queue."""

    def build() -> None:
        work = aws.sqs.Queue("work", name="work")
        worker(*statements, environment=environment(QUEUE=work.url))

    return build


def event_source_of_another() -> None:
    """Build a queue that is the event source of one function, while another one may receive from it as well."""
    work = aws.sqs.Queue("work", name="work")
    feed(work.arn, worker(TAKE, name="worker"))
    worker(TAKE, name="intruder")


def lost(*statements: Any) -> Builder:
    """Build a function with this queue as its dead-letter queue."""

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
        (QUEUES, queue(TAKE, mapped=True), PASS),
        (QUEUES, queue(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"], mapped=True), PASS),
        (QUEUES, queue(SEND), PASS),
        (QUEUES, in_environment(TAKE), PASS),  # its code may poll
        (QUEUES, queue(allow(POLL, arn("sqs", "elsewhere"))), PASS),  # judged by role-grants-no-resources-outside-stack
        (QUEUES, queue(allow("sqs:*", WORK)), PASS),  # judged by role-has-no-wildcard-action
        (QUEUES, lambda: may(role("held"), TAKE), PASS),  # no workload uses the role
        (STREAMS, streamed(mapped=True), PASS),
        (QUEUES, queue(TAKE), FAIL),
        (QUEUES, queue(allow(POLL, "*")), FAIL),
        (QUEUES, queue(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"]), FAIL),
        (QUEUES, event_source_of_another, FAIL),
        (QUEUES, lost(TAKE, SEND), FAIL),
        (STREAMS, streamed(mapped=False), FAIL),
        ("unknowns", queue(TAKE, environment=environment(QUEUE=UNKNOWN)), UNDECIDED),
        ("unknowns", queue(allow(UNKNOWN, WORK)), UNDECIDED),
    ],
)
def test_role_reads_only_its_event_sources(source: str, build: Builder, verdict: Verdict) -> None:
    """A role can receive only from the event sources of its workloads."""
    assert judge(role_reads_only_its_event_sources, program(build)) == verdict, source


TRACE = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")
ACTIVE = aws.lambda_.FunctionTracingConfigArgs(mode="Active")
XRAY = "permission to send traces, with active tracing or not"


def traced_by_one() -> None:
    """Build two functions with one role, one of them with active tracing."""
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
        (XRAY, lambda: worker(allow("xray:*", "*")), PASS),  # judged by role-has-no-wildcard-action
        (XRAY, lambda: worker(TRACE), FAIL),
        (XRAY, lambda: worker(TRACE, tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="PassThrough")), FAIL),
        (XRAY, lambda: worker(managed=[f"{AWS_POLICY}AWSXRayDaemonWriteAccess"]), FAIL),
        ("unknowns", lambda: worker(TRACE, tracing_config=UNKNOWN), UNDECIDED),
        ("unknowns", lambda: worker(allow(UNKNOWN, "*")), UNDECIDED),
    ],
)
def test_role_grants_xray_only_with_tracing(source: str, build: Builder, verdict: Verdict) -> None:
    """A role allows sending traces only if a function that uses it has active tracing."""
    assert judge(role_grants_xray_only_with_tracing, program(build)) == verdict, source


ENI = allow(["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"], "*")
VPC = "permission to create network interfaces, in a VPC or not"
INSIDE = aws.lambda_.FunctionVpcConfigArgs(subnet_ids=["subnet-1"], security_group_ids=["sg-1"])
CONNECTED = aws.sagemaker.ModelVpcConfigArgs(subnets=["subnet-1"], security_group_ids=["sg-1"])
KAFKA = "arn:aws:kafka:eu-west-1:123456789012:cluster/events/1-2"


@examples(
    role_grants_network_interfaces_only_in_vpc,
    "source, build",
    [
        (VPC, lambda: worker(ENI, vpc_config=INSIDE), PASS),
        (VPC, lambda: worker(SEND), PASS),
        (VPC, lambda: feed(KAFKA, worker(ENI), topics=["events"]), PASS),  # Lambda polls the brokers in their VPC
        (VPC, lambda: model(ENI, vpc_config=CONNECTED), PASS),
        (VPC, lambda: worker(ENI), FAIL),
        (VPC, lambda: worker(managed=[f"{AWS_POLICY}service-role/AWSLambdaVPCAccessExecutionRole"]), FAIL),
        (VPC, lambda: feed(WORK, worker(ENI, TAKE)), FAIL),
        (VPC, lambda: model(ENI), FAIL),
        ("unknowns", lambda: worker(ENI, vpc_config=UNKNOWN), UNDECIDED),
    ],
)
def test_role_grants_network_interfaces_only_in_vpc(source: str, build: Builder, verdict: Verdict) -> None:
    """A role allows creating network interfaces only if a workload that uses it is in a VPC."""
    assert judge(role_grants_network_interfaces_only_in_vpc, program(build)) == verdict, source


def test_messages_name_the_action_and_the_workload() -> None:
    """And the queue that is not an event source."""
    stack = program(lost(TAKE, TRACE, ENI))
    (taking,) = judgements(role_reads_only_its_event_sources, stack)["worker-role"].findings
    assert taking.message == "allows sqs:ReceiveMessage on work, which is not an event source of worker"
    assert taking.path == "policy.Statement[0].Resource"
    (tracing,) = judgements(role_grants_xray_only_with_tracing, stack)["worker-role"].findings
    assert tracing.message == "allows xray:PutTraceSegments, but active tracing is not enabled for worker"
    (making,) = judgements(role_grants_network_interfaces_only_in_vpc, stack)["worker-role"].findings
    assert making.message == "allows ec2:CreateNetworkInterface, but no VPC is configured for worker"
