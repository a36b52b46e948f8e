"""Functions whose roles may not hand on what they failed at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.missing.lambda_ import function_role_can_send_to_destinations
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.workloads import allow, arn, feed, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

WRITE = allow("logs:PutLogEvents", arn("logs", "log-group:/aws/lambda/worker:*"))
LOST = (
    "d8: a destination without SendMessage or Publish (Lambda guide, 'Capturing records of asynchronous invocations')"
)


def dead_letters(*statements: Any) -> Builder:
    """Build a function with a dead-letter queue."""

    def build() -> None:
        config = aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=aws.sqs.Queue("lost", name="lost").arn)
        worker(*statements, dead_letter_config=config)

    return build


def announced(*statements: Any) -> Builder:
    """Build a function whose successes are published."""

    def build() -> None:
        topic = aws.sns.Topic("done", name="done")
        success = aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnSuccessArgs(destination=topic.arn)
        config = aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(on_success=success)
        name = worker(*statements).name
        aws.lambda_.FunctionEventInvokeConfig("held", function_name=name, destination_config=config)

    return build


def set_aside(*statements: Any) -> Builder:
    """Build a mapping from a stream that hands failures to a queue."""

    def build() -> None:
        failure = aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(destination_arn=arn("sqs", "lost"))
        config = aws.lambda_.EventSourceMappingDestinationConfigArgs(on_failure=failure)
        feed(arn("kinesis", "stream/s"), worker(*statements), destination_config=config)

    return build


@examples(
    function_role_can_send_to_destinations,
    "source, build",
    [
        (LOST, dead_letters(allow("sqs:SendMessage", arn("sqs", "lost"))), PASS),
        (LOST, dead_letters(WRITE), FAIL),
        (LOST, dead_letters(allow("sqs:SendMessage", arn("sqs", "other"))), FAIL),
        (LOST, announced(allow("sns:Publish", arn("sns", "done"))), PASS),
        (LOST, announced(allow("sns:Publish", arn("sns", "other"))), FAIL),
        (LOST, set_aside(allow("sqs:SendMessage", arn("sqs", "lost"))), PASS),
        (LOST, set_aside(WRITE), FAIL),
        ("unknowns", dead_letters(allow("sqs:SendMessage", UNKNOWN)), UNDECIDED),
        ("d8: no destination", lambda: worker(WRITE), PASS),
    ],
)
def test_function_role_can_send_to_destinations(source: str, build: Builder, verdict: Verdict) -> None:
    """What a function failed at can be handed on."""
    assert judge(function_role_can_send_to_destinations, program(build)) == verdict, source
