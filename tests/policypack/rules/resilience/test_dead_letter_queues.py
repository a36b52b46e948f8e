"""Queues that have a dead-letter queue, and queues that are one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.resilience.sqs import queue_has_dead_letter_queue
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, mapping, redrive, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

ELSEWHERE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:elsewhere"


def alone(policy: Any = None, allow: Any = None) -> Callable[[], object]:
    """Give a program with one queue."""
    return lambda: aws.sqs.Queue("work", redrive_policy=policy, redrive_allow_policy=allow)


def pair() -> None:
    """Build a queue and its dead-letter queue, whose ARN is unknown at preview."""
    dead = aws.sqs.Queue("dead")
    aws.sqs.Queue("work", redrive_policy=redrive(dead.arn))


def fifo_pair() -> None:
    """Build the same with two FIFO queues."""
    dead = aws.sqs.Queue("dead", fifo_queue=True)
    aws.sqs.Queue("work", fifo_queue=True, redrive_policy=redrive(dead.arn))


def literal_pair() -> None:
    """Build the same with a literal ARN."""
    aws.sqs.Queue("dead", name="dead")
    aws.sqs.Queue("work", redrive_policy=redrive(f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"))


def separate_policy() -> None:
    """Build a queue whose redrive policy is a separate resource."""
    work = aws.sqs.Queue("work")
    dead = aws.sqs.Queue("dead")
    aws.sqs.RedrivePolicy("policy", queue_url=work.url, redrive_policy=redrive(dead.arn))


def separate_policy_that_is_empty() -> None:
    """Build a separate redrive policy without a dead-letter queue."""
    aws.sqs.RedrivePolicy("policy", queue_url=aws.sqs.Queue("work").url, redrive_policy="{}")


def separate_permission(permission: str) -> Callable[[], object]:
    """Give a program with a queue whose redrive allow policy is a separate resource."""
    policy = json.dumps({"redrivePermission": permission})
    return lambda: aws.sqs.RedriveAllowPolicy("allow", queue_url=aws.sqs.Queue("dead").url, redrive_allow_policy=policy)


def of_asynchronous_calls() -> None:
    """Build the dead-letter queue of a function that is invoked asynchronously."""
    function(dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=aws.sqs.Queue("dead").arn))


def of_failed_calls() -> None:
    """Build the on-failure destination of a function."""
    aws.lambda_.FunctionEventInvokeConfig(
        "invoke",
        function_name="elsewhere",
        destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
            on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                destination=aws.sqs.Queue("dead").arn
            )
        ),
    )


def of_a_stream() -> None:
    """Build the on-failure destination of the mapping of a stream."""
    mapping(
        table(stream_enabled=True).stream_arn,
        destination_config=aws.lambda_.EventSourceMappingDestinationConfigArgs(
            on_failure=aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(
                destination_arn=aws.sqs.Queue("dead").arn
            )
        ),
    )


def of_an_event_rule() -> None:
    """Build the dead-letter queue of an event rule's target."""
    aws.cloudwatch.EventTarget(
        "target",
        arn=ELSEWHERE,
        rule="rule",
        dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=aws.sqs.Queue("dead").arn),
    )


def of_a_topic() -> None:
    """Build the dead-letter queue of a topic's subscription."""
    aws.sns.TopicSubscription(
        "subscription",
        topic=f"arn:aws:sns:{REGION}:{ACCOUNT}:topic",
        protocol="sqs",
        endpoint=ELSEWHERE,
        redrive_policy=redrive(aws.sqs.Queue("dead").arn),
    )


def schedule(arn: Any, dead_arn: Any) -> None:
    """Build a schedule with a queue as its target and another as its dead-letter queue."""
    aws.scheduler.Schedule(
        "schedule",
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        schedule_expression="rate(1 hour)",
        target=aws.scheduler.ScheduleTargetArgs(
            arn=arn,
            role_arn="arn",
            dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=dead_arn),
        ),
    )


def of_a_pipe() -> None:
    """Build the dead-letter queue of a pipe's stream."""
    parameters = aws.pipes.PipeSourceParametersKinesisStreamParametersArgs(
        starting_position="LATEST",
        dead_letter_config=aws.pipes.PipeSourceParametersKinesisStreamParametersDeadLetterConfigArgs(
            arn=aws.sqs.Queue("dead").arn
        ),
    )
    pipe(f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/elsewhere", kinesis_stream_parameters=parameters)


def of_a_pipe_from_a_table() -> None:
    """Build the dead-letter queue of a pipe that reads a DynamoDB stream."""
    parameters = aws.pipes.PipeSourceParametersDynamodbStreamParametersArgs(
        starting_position="LATEST",
        dead_letter_config=aws.pipes.PipeSourceParametersDynamodbStreamParametersDeadLetterConfigArgs(
            arn=aws.sqs.Queue("dead").arn
        ),
    )
    pipe(table(stream_enabled=True).stream_arn, dynamodb_stream_parameters=parameters)


def pipe(source: Any, **parameters: Any) -> None:
    """Build a pipe."""
    aws.pipes.Pipe(
        "pipe",
        role_arn="arn",
        source=source,
        target=ELSEWHERE,
        source_parameters=aws.pipes.PipeSourceParametersArgs(**parameters),
    )


def of_either() -> None:
    """Build a schedule whose target may be either of two queues until the deployment."""
    schedule(aws.sqs.Queue("work", redrive_policy=redrive(ELSEWHERE)).arn, aws.sqs.Queue("dead").arn)


@examples(
    queue_has_dead_letter_queue,
    "build",
    [
        (alone(), FAIL),
        (alone(redrive(ELSEWHERE)), PASS),  # in another stack
        (alone(UNKNOWN), PASS),
        (alone(""), FAIL),  # how the provider writes "not set"
        (alone("{}"), FAIL),
        (alone('{"maxReceiveCount": 5}'), FAIL),  # without a target
        (pair, PASS),
        (fifo_pair, PASS),
        (literal_pair, PASS),
        (separate_policy, PASS),
        (separate_policy_that_is_empty, FAIL),
        (alone(allow='{"redrivePermission": "allowAll"}'), PASS),  # a dead-letter queue for other stacks
        (alone(allow=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [ELSEWHERE]})), PASS),
        (alone(allow='{"redrivePermission": "denyAll"}'), FAIL),  # no queue may use it as a dead-letter queue
        (alone(allow=UNKNOWN), PASS),  # lists source queues, whose ARNs are unknown at preview
        (separate_permission("allowAll"), PASS),
        (separate_permission("denyAll"), FAIL),
        (of_asynchronous_calls, PASS),
        (of_failed_calls, PASS),
        (of_a_stream, PASS),
        (of_an_event_rule, PASS),
        (of_a_topic, PASS),
        (of_a_pipe, PASS),
        (of_a_pipe_from_a_table, PASS),
        (lambda: schedule(ELSEWHERE, aws.sqs.Queue("dead").arn), PASS),
        (of_either, UNDECIDED),
    ],
)
def test_queue_has_dead_letter_queue(build: Callable[[], object], verdict: Verdict) -> None:
    """Messages that keep failing move to a dead-letter queue, which itself needs none."""
    assert judge(queue_has_dead_letter_queue, program(build)) == verdict


def test_each_queue_is_judged_separately() -> None:
    """The dead-letter queue of one queue does not make another one pass."""

    def build() -> None:
        pair()
        aws.sqs.Queue("orders")

    found = judgements(queue_has_dead_letter_queue, program(build))
    assert {name: judgement.verdict for name, judgement in found.items()} == {
        "dead": PASS,
        "work": PASS,
        "orders": FAIL,
    }
    (finding,) = found["orders"].findings
    assert (finding.message, finding.path) == ("has no dead-letter queue", "redrivePolicy")


def test_dead_letter_queue_of_a_sender_does_not_count() -> None:
    """The dead-letter queue of a schedule holds what the schedule could not send, not what the queue fails at."""
    stack = program(lambda: schedule(aws.sqs.Queue("work").arn, ELSEWHERE))
    assert judge(queue_has_dead_letter_queue, stack) == FAIL
