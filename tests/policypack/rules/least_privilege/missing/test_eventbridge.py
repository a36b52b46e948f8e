"""Pipes, schedules and rules whose roles allow reading the source and reaching the target, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.missing.eventbridge import (
    eventbridge_role_can_invoke_target,
    pipe_role_can_read_source,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import role
from tests.policypack.rules.workloads import POLL, allow, arn, may

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

WORK, DONE, FLOW = arn("sqs", "work"), arn("sqs", "done"), arn("states", "stateMachine:flow")

TIDY = arn("lambda", "function:tidy")


def held(service: str, *statements: Any) -> Any:
    """Give the ARN of a role with these statements."""
    holder = role("held", service)
    if statements:
        may(holder, *statements)
    return holder.arn


def pipe(*statements: Any) -> Builder:
    """Build a pipe from one queue to another."""

    def build() -> None:
        work, done = aws.sqs.Queue("work", name="work"), aws.sqs.Queue("done", name="done")
        arn_ = held("pipes.amazonaws.com", *statements)
        aws.pipes.Pipe("delivery", role_arn=arn_, source=work.arn, target=done.arn)

    return build


def schedule(target: str, *statements: Any) -> Builder:
    """Build a schedule."""

    def build() -> None:
        window = aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF")
        arn_ = held("scheduler.amazonaws.com", *statements)
        aws.scheduler.Schedule(
            "delivery",
            flexible_time_window=window,
            schedule_expression="rate(1 hour)",
            target=aws.scheduler.ScheduleTargetArgs(arn=target, role_arn=arn_),
        )

    return build


def event(target: str, *statements: Any) -> Builder:
    """Build the target of an EventBridge rule."""
    return lambda: aws.cloudwatch.EventTarget(
        "delivery", rule="rule", arn=target, role_arn=held("events.amazonaws.com", *statements)
    )


RUN = allow("states:StartExecution", FLOW)
SDK = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
GUIDE = "EventBridge guide, 'permissions' of pipes, schedules and targets"


@examples(
    eventbridge_role_can_invoke_target,
    "source, build",
    [
        (GUIDE, pipe(allow(POLL, WORK), allow("sqs:SendMessage", DONE)), PASS),
        (GUIDE, schedule(FLOW, RUN), PASS),
        (GUIDE, event(FLOW, RUN), PASS),
        (GUIDE, schedule(TIDY, allow("lambda:InvokeFunction", f"{TIDY}*")), PASS),
        ("EventBridge reaches it by its resource-based policy", event(DONE), PASS),
        ("an SDK call, whose ARN does not tell the actions", schedule(SDK), PASS),
        (GUIDE, pipe(allow(POLL, WORK)), FAIL),
        (GUIDE, schedule(FLOW), FAIL),
        (GUIDE, schedule(DONE, allow("sqs:SendMessage", WORK)), FAIL),
        (GUIDE, event(FLOW, allow("states:StopExecution", FLOW)), FAIL),
        ("unknowns", schedule(FLOW, allow("states:StartExecution", UNKNOWN)), UNDECIDED),
        ("unknowns", schedule(UNKNOWN, RUN), UNDECIDED),
    ],
)
def test_eventbridge_role_can_invoke_target(source: str, build: Builder, verdict: Verdict) -> None:
    """The role allows delivery to the target."""
    assert judge(eventbridge_role_can_invoke_target, program(build)) == verdict, source


@examples(
    pipe_role_can_read_source,
    "source, build",
    [
        (GUIDE, pipe(allow(POLL, WORK)), PASS),
        (GUIDE, pipe(allow(POLL[:1], WORK), allow("sqs:SendMessage", DONE)), FAIL),
        (GUIDE, pipe(allow(POLL, DONE)), FAIL),
    ],
)
def test_pipe_role_can_read_source(source: str, build: Builder, verdict: Verdict) -> None:
    """The role of a pipe allows reading its source."""
    assert judge(pipe_role_can_read_source, program(build)) == verdict, source


def test_messages_name_source_target_and_role() -> None:
    """And the actions that are missing."""
    stack = program(pipe(allow("sqs:ReceiveMessage", "*")))
    assert messages(eventbridge_role_can_invoke_target, stack) == [
        "delivers to done with role held, which lacks sqs:SendMessage"
    ]
    assert messages(pipe_role_can_read_source, stack) == [
        "reads work with role held, which lacks sqs:DeleteMessage, sqs:GetQueueAttributes"
    ]
