"""Functions whose execution roles may not send to their dead-letter queues and destinations."""

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
GUIDE = "Lambda guide, 'Capturing records of asynchronous invocations'"


def dead_letters(*statements: Any) -> Builder:
    """Build a function with a dead-letter queue."""

    def build() -> None:
        config = aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=aws.sqs.Queue("lost", name="lost").arn)
        worker(*statements, dead_letter_config=config)

    return build


def on_success(*statements: Any) -> Builder:
    """Build a function with an on-success destination."""

    def build() -> None:
        topic = aws.sns.Topic("done", name="done")
        success = aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnSuccessArgs(destination=topic.arn)
        config = aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(on_success=success)
        name = worker(*statements).name
        aws.lambda_.FunctionEventInvokeConfig("held", function_name=name, destination_config=config)

    return build


def on_failure(*statements: Any) -> Builder:
    """Build the event source mapping of a stream with an on-failure destination."""

    def build() -> None:
        failure = aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(destination_arn=arn("sqs", "lost"))
        config = aws.lambda_.EventSourceMappingDestinationConfigArgs(on_failure=failure)
        feed(arn("kinesis", "stream/s"), worker(*statements), destination_config=config)

    return build


@examples(
    function_role_can_send_to_destinations,
    "source, build",
    [
        (GUIDE, dead_letters(allow("sqs:SendMessage", arn("sqs", "lost"))), PASS),
        (GUIDE, dead_letters(WRITE), FAIL),
        (GUIDE, dead_letters(allow("sqs:SendMessage", arn("sqs", "other"))), FAIL),
        (GUIDE, on_success(allow("sns:Publish", arn("sns", "done"))), PASS),
        (GUIDE, on_success(allow("sns:Publish", arn("sns", "other"))), FAIL),
        (GUIDE, on_failure(allow("sqs:SendMessage", arn("sqs", "lost"))), PASS),
        (GUIDE, on_failure(WRITE), FAIL),
        ("unknowns", dead_letters(allow("sqs:SendMessage", UNKNOWN)), UNDECIDED),
        ("no destination", lambda: worker(WRITE), PASS),
    ],
)
def test_function_role_can_send_to_destinations(source: str, build: Builder, verdict: Verdict) -> None:
    """The role may send to each dead-letter queue and destination."""
    assert judge(function_role_can_send_to_destinations, program(build)) == verdict, source
