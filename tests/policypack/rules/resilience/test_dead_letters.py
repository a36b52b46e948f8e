"""Which queues have a dead-letter queue, and which need none because they are one."""

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
    """Give a program of one queue."""
    return lambda: aws.sqs.Queue("work", redrive_policy=policy, redrive_allow_policy=allow)


def pair() -> None:
    """Build a queue and its dead-letter queue, whose ARN is not known at preview."""
    dead = aws.sqs.Queue("dead")
    aws.sqs.Queue("work", redrive_policy=redrive(dead.arn))


def fifo_pair() -> None:
    """Build the same of two FIFO queues."""
    dead = aws.sqs.Queue("dead", fifo_queue=True)
    aws.sqs.Queue("work", fifo_queue=True, redrive_policy=redrive(dead.arn))


def literal_pair() -> None:
    """Build the same with an ARN written by hand."""
    aws.sqs.Queue("dead", name="dead")
    aws.sqs.Queue("work", redrive_policy=redrive(f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"))


def separate_policy() -> None:
    """Build a queue whose redrive policy is a resource of its own."""
    work = aws.sqs.Queue("work")
    dead = aws.sqs.Queue("dead")
    aws.sqs.RedrivePolicy("policy", queue_url=work.url, redrive_policy=redrive(dead.arn))


def separate_policy_that_is_empty() -> None:
    """Build a redrive policy that takes the dead-letter queue away."""
    aws.sqs.RedrivePolicy("policy", queue_url=aws.sqs.Queue("work").url, redrive_policy="{}")


def separate_permission(permission: str) -> Callable[[], object]:
    """Give a program of a queue and who may name it as theirs, in a resource of its own."""
    policy = json.dumps({"redrivePermission": permission})
    return lambda: aws.sqs.RedriveAllowPolicy("allow", queue_url=aws.sqs.Queue("dead").url, redrive_allow_policy=policy)


def of_asynchronous_calls() -> None:
    """Build the dead-letter queue of a function that is called asynchronously."""
    function(dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=aws.sqs.Queue("dead").arn))


def of_failed_calls() -> None:
    """Build the destination of a function's failures."""
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
    """Build the destination of what a function could not read from a stream."""
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
    """Build a schedule that sends to one queue, and gives up to another."""
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
    """Build the dead-letter queue of a pipe that reads a table's changes."""
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
    """Build a schedule of which it cannot be told yet which queue is which."""
    schedule(aws.sqs.Queue("work", redrive_policy=redrive(ELSEWHERE)).arn, aws.sqs.Queue("dead").arn)


@examples(
    queue_has_dead_letter_queue,
    "build",
    [
        (alone(), FAIL),
        (alone(redrive(ELSEWHERE)), PASS),  # of another stack
        (alone(UNKNOWN), PASS),
        (alone(""), FAIL),  # how the provider writes "not set"
        (alone("{}"), FAIL),
        (alone('{"maxReceiveCount": 5}'), FAIL),  # after which nothing happens
        (pair, PASS),
        (fifo_pair, PASS),
        (literal_pair, PASS),
        (separate_policy, PASS),
        (separate_policy_that_is_empty, FAIL),
        (alone(allow='{"redrivePermission": "allowAll"}'), PASS),  # a dead-letter queue for other stacks
        (alone(allow=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [ELSEWHERE]})), PASS),
        (alone(allow='{"redrivePermission": "denyAll"}'), FAIL),  # says that it is none
        (alone(allow=UNKNOWN), PASS),  # names the queues it is for, whose ARNs are not known yet
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
    """What cannot be worked on is put aside, in a queue that itself needs no other."""
    assert judge(queue_has_dead_letter_queue, program(build)) == verdict


def test_a_neighbours_dead_letter_queue_is_no_help() -> None:
    """Each queue is judged for itself."""

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


def test_a_dead_letter_queue_in_the_wrong_hands_is_none() -> None:
    """A queue that a schedule sends to is not served by the schedule's own dead-letter queue."""
    stack = program(lambda: schedule(aws.sqs.Queue("work").arn, ELSEWHERE))
    assert judge(queue_has_dead_letter_queue, stack) == FAIL
