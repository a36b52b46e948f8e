"""Queues that several event source mappings or pipes read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.host.analyzer import Analyzer
from policypack.model import EVENT_SOURCE_MAPPING, PIPE, QUEUE
from policypack.pack import PACK
from policypack.rules.resilience.sqs import queue_has_one_consumer
from policypack.testing import FAIL, NOT_APPLICABLE, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.host import calls
from tests.policypack.host.calls import CONTEXT, TODAY, analyze, begin
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Reader = Callable[[str, Any], object]

QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:work"
FILTER = aws.lambda_.EventSourceMappingFilterCriteriaArgs(
    filters=[aws.lambda_.EventSourceMappingFilterCriteriaFilterArgs(pattern='{"body": {"kind": ["a"]}}')]
)


def maps(target: str = "worker", **settings: Any) -> Reader:
    """Give a consumer that is an event source mapping to a function."""

    def build(name: str, arn: Any) -> None:
        aws.lambda_.EventSourceMapping(name, event_source_arn=arn, function_name=target, **settings)

    return build


def pipes(**settings: Any) -> Reader:
    """Give a consumer that is a pipe."""

    def build(name: str, arn: Any) -> None:
        role = "arn:aws:iam::123456789012:role/pipes"
        aws.pipes.Pipe(name, source=arn, target=QUEUE_ARN.replace("work", "other"), role_arn=role, **settings)

    return build


@examples(
    queue_has_one_consumer,
    "readers",
    [
        ([], PASS),
        ([maps()], PASS),
        ([pipes()], PASS),
        ([maps(), maps("second")], FAIL),
        ([maps("worker:blue"), maps("worker:green")], FAIL),  # two aliases compete as well
        ([maps("worker:1"), maps("worker:2")], FAIL),
        (
            [maps(filter_criteria=FILTER), maps("second", filter_criteria=FILTER)],
            FAIL,
        ),  # messages that do not match are deleted
        ([maps(), pipes()], FAIL),
        ([pipes(), pipes()], FAIL),
        ([maps(), maps("second", enabled=False)], PASS),
        ([maps(enabled=True), maps("second", enabled=True)], FAIL),
        ([maps(), pipes(desired_state="STOPPED")], PASS),
        ([maps(), pipes(desired_state="RUNNING")], FAIL),
        ([maps(), maps("second", enabled=UNKNOWN)], UNDECIDED),
        ([maps(), pipes(desired_state=UNKNOWN)], UNDECIDED),
        ([maps(), maps("second", enabled=UNKNOWN), maps("third")], FAIL),  # two are certain
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_queue_has_one_consumer(readers: list[Reader], verdict: Verdict, *, known: bool) -> None:
    """At most one consumer reads a queue, found by the ARN or by the engine's dependencies."""

    def build() -> None:
        arn = aws.sqs.Queue("queue", name="work").arn
        for number, reader in enumerate(readers):
            reader(f"reader-{number}", QUEUE_ARN if known else arn)

    assert judge(queue_has_one_consumer, program(build)) == verdict


def test_each_queue_has_its_own_consumer() -> None:
    """One consumer for each queue; streams may have several."""

    def build() -> None:
        for name in ("one", "two"):
            maps()(name, aws.sqs.Queue(f"queue-{name}").arn)
        changes = table(stream_enabled=True).stream_arn
        for name in ("three", "four"):
            maps()(name, changes)

    assert judge(queue_has_one_consumer, program(build)) == PASS
    streams = program(lambda: [maps()(name, table(f"table-{name}").stream_arn) for name in ("one", "two")])
    assert judge(queue_has_one_consumer, streams) == NOT_APPLICABLE


def test_queue_of_the_same_name_in_another_account() -> None:
    """The mappings read two queues, and it is unknown which of them the stack has."""

    def build() -> None:
        aws.sqs.Queue("queue", name="work")
        maps()("one", QUEUE_ARN)
        maps()("two", QUEUE_ARN.replace("123456789012", "210987654321"))

    assert judge(queue_has_one_consumer, program(build)) == UNDECIDED


def test_source_that_the_deployment_decides() -> None:
    """It may be either queue, so the verdict is undecided."""

    def build() -> None:
        one, other = aws.sqs.Queue("one"), aws.sqs.Queue("other")
        maps()("first", one.arn)
        maps()("second", pulumi.Output.all(one.arn, other.arn).apply(lambda arns: str(arns[0])))

    assert judge(queue_has_one_consumer, program(build)) == UNDECIDED


def test_message_names_the_consumers() -> None:
    """The subject is the queue."""

    def build() -> None:
        arn = aws.sqs.Queue("queue").arn
        target = function()
        for name in ("blue", "green"):
            alias = aws.lambda_.Alias(name, function_name=target.name, function_version="1")
            aws.lambda_.EventSourceMapping(f"to-{name}", event_source_arn=arn, function_name=alias.arn)
        pipes()("pipe", arn)

    assert messages(queue_has_one_consumer, program(build)) == ["is read by 3 consumers, pipe, to-blue, to-green"]


READERS = {
    "mapping": analyze(EVENT_SOURCE_MAPPING, "mapping", eventSourceArn=QUEUE_ARN, functionName="worker"),
    "other": analyze(EVENT_SOURCE_MAPPING, "other", eventSourceArn=QUEUE_ARN, functionName="worker:live"),
    "off": analyze(EVENT_SOURCE_MAPPING, "off", eventSourceArn=QUEUE_ARN, functionName="worker", enabled=False),
    "pipe": analyze(PIPE, "pipe", source=QUEUE_ARN),
    "queue": analyze(QUEUE, "queue", name="work"),
}


@pytest.mark.parametrize(
    ("order", "stopped"),
    [
        (("queue", "mapping", "other"), "other"),
        (("queue", "other", "mapping"), "mapping"),
        (("queue", "mapping", "pipe"), "pipe"),
        (("queue", "pipe", "mapping"), "mapping"),
        (("mapping", "pipe", "queue"), "queue"),  # the mappings name the queue before it registers
        (("queue", "mapping", "off"), ""),
    ],
)
def test_update_stops_at_the_second_consumer(order: tuple[str, ...], stopped: str) -> None:
    """The resource that adds the second consumer is not created."""
    analyzer = Analyzer(PACK, TODAY)
    analyzer.ConfigureStack(begin(preview=False), CONTEXT)
    found = ""
    for name in order:
        said = calls.messages(analyzer.Analyze(READERS[name], CONTEXT))
        if any(line.startswith("mandatory queue-has-one-consumer: queue: is read by 2 consumers") for line in said):
            found = name
    assert found == stopped
