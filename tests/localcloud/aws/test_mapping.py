"""How batches run: what comes back, how many at once, and what happens when things change meanwhile."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.localcloud.aws.cloud import allow, eventually, unique
from tests.localcloud.aws.recording_consumer import POLLING_ACTIONS, RecordingConsumer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localcloud.aws.cloud import Cloud


def processor_seconds(cloud: Cloud) -> float:
    """Return what the server has used so far of the processors (proc_pid_stat(5): fields 14 and 15)."""
    fields = Path(f"/proc/{cloud.control('health')['pid']}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_only_the_failed_come_back(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """And are set aside after as many receptions as the queue allows; the others are delivered once."""
    dead_url, dead = cloud.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    one = feed(timeout=4, attributes={"VisibilityTimeout": "4", "RedrivePolicy": redrive})
    one.map()
    good = [f"good-{i}" for i in range(9)]
    cloud.send(one.url, *good, "poison")
    eventually(lambda: cloud.depth(dead_url) == (1, 0))
    assert cloud.depth(one.url) == (0, 0)
    assert sorted(one.bodies()) == [*good, "poison"]


@pytest.mark.parametrize("body", ["all fail", "nonsense"])
def test_an_error_or_a_wrong_answer_fails_the_batch(
    feed: Callable[..., RecordingConsumer], cloud: Cloud, body: str
) -> None:
    """Nothing is deleted; everything stays hidden until the visibility timeout is over."""
    one = feed()
    one.map()
    cloud.send(one.url, body, "good")
    eventually(lambda: len(one.bodies()) == 2)
    eventually(lambda: cloud.depth(one.url) == (0, 2))


def test_without_partial_responses_an_answer_is_success(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """Whatever it says."""
    one = feed()
    one.map(FunctionResponseTypes=[])
    cloud.send(one.url, "poison")
    eventually(lambda: one.bodies() == ["poison"] and cloud.depth(one.url) == (0, 0))


def test_no_more_batches_at_once_than_allowed(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """Ten batches of two, two at a time, each process used again."""
    one = feed(seconds=0.2)
    one.map(BatchSize=2, ScalingConfig={"MaximumConcurrency": 2})
    cloud.send(one.url, *(f"m{i}" for i in range(20)))
    eventually(lambda: len(one.bodies()) == 20)
    batches = one.batches()
    overlapping = [sum(other["began"] <= batch["began"] < other["ended"] for other in batches) for batch in batches]
    assert max(overlapping) == 2
    assert len({batch["process"] for batch in batches}) == 2
    assert all(len(batch["bodies"]) <= 2 for batch in batches)


def test_every_message_is_delivered_twice(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """Where that is asked for; one success is enough, and what fails both times comes back."""
    one = feed()
    cloud.control("settings", {"deliveries": 2})
    try:
        one.map()
        cloud.send(one.url, *(f"m{i}" for i in range(12)), "poison")
        eventually(lambda: len(one.bodies()) >= 26 and cloud.depth(one.url) == (0, 1))
    finally:
        cloud.control("settings", {"deliveries": 1})
    assert sorted(one.bodies()) == sorted([*(f"m{i}" for i in range(12)), "poison"] * 2)


def test_messages_delivered_twice_keep_within_the_concurrency(
    feed: Callable[..., RecordingConsumer], cloud: Cloud
) -> None:
    """Two invocations of one batch are as many as two may run: of none of them is the second turned away."""
    one = feed(seconds=0.2)
    cloud("lambda").put_function_concurrency(FunctionName=one.function, ReservedConcurrentExecutions=2)
    cloud.control("settings", {"deliveries": 2})
    try:
        one.map(BatchSize=2, ScalingConfig={"MaximumConcurrency": 2})
        cloud.send(one.url, *(f"m{i}" for i in range(6)))
        eventually(lambda: len(one.bodies()) == 12)
    finally:
        cloud.control("settings", {"deliveries": 1})
    assert sorted(one.bodies()) == sorted([f"m{i}" for i in range(6)] * 2)


def test_a_window_collects_a_larger_batch(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """More than one receive returns, in one invocation, as soon as the batch is full."""
    one = feed()
    one.map(BatchSize=25, MaximumBatchingWindowInSeconds=20)
    cloud.send(one.url, *(f"m{i}" for i in range(25)))
    eventually(lambda: len(one.bodies()) == 25)
    assert [len(batch["bodies"]) for batch in one.batches()] == [25]


def test_a_filter_drops_what_does_not_match(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """Dropped messages are deleted, never delivered."""
    one = feed()
    one.map(FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["a"]}})}]})
    cloud.send(one.url, json.dumps({"kind": "a"}), json.dumps({"kind": "b"}))
    eventually(lambda: cloud.depth(one.url) == (0, 0) and one.bodies())
    assert one.bodies() == [json.dumps({"kind": "a"})]


def test_a_permission_taken_away_stops_the_mapping(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """Until it is given back; the messages wait in the queue."""
    one = feed()
    one.map()
    put = allow("dynamodb:PutItem", "*")
    cloud.grant(one.role, put)
    cloud.send(one.url, "waits")
    eventually(lambda: one.result().startswith("PROBLEM: The provided execution role"))
    assert cloud.depth(one.url) == (1, 0)
    cloud.grant(one.role, put, allow(POLLING_ACTIONS, one.queue))
    eventually(lambda: one.bodies() == ["waits"] and one.result() == "OK")


def test_a_disabled_mapping_rests(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """And the local AWS with it, though messages come in; it goes on when it is enabled."""
    one = feed()
    one.map(Enabled=False)
    cloud.send(one.url, "later")
    before = processor_seconds(cloud)
    time.sleep(1)
    assert processor_seconds(cloud) - before < 0.5
    assert cloud.depth(one.url) == (1, 0)
    cloud("lambda").update_event_source_mapping(UUID=one.uuid, Enabled=True)
    eventually(lambda: one.bodies() == ["later"])


def test_new_code_takes_over(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """From the next batch on; no message is lost on the way."""
    one = feed(seconds=0.3)
    one.map(BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    cloud.send(one.url, *(f"m{i}" for i in range(10)))
    eventually(lambda: len(one.bodies()) >= 2)
    variables = {"Variables": {"TABLE": one.table, "SECONDS": "0"}}
    cloud("lambda").update_function_configuration(FunctionName=one.function, Environment=variables)
    eventually(lambda: sorted(one.bodies()) == sorted(f"m{i}" for i in range(10)))
    assert len({batch["process"] for batch in one.batches()}) >= 3


def test_a_killed_process_loses_nothing(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """Its batch comes back when the visibility timeout is over."""
    one = feed(seconds=1.0, timeout=5, attributes={"VisibilityTimeout": "5"})
    one.map()
    cloud.send(one.url, "survivor")
    eventually(lambda: cloud.depth(one.url) == (0, 1))
    eventually(lambda: cloud.control("workers/kill", {"function": one.function})["killed"] == 1)
    eventually(lambda: one.bodies() == ["survivor"])
    assert one.batches()[0]["counts"] == ["2"]


def test_a_killed_process_that_was_idle_takes_nothing_with_it(
    feed: Callable[..., RecordingConsumer], cloud: Cloud
) -> None:
    """What is sent in the moment after goes to a new one."""
    one = feed()
    one.map()
    for number in range(5):
        cloud.send(one.url, f"m{number}")
        eventually(lambda: cloud.depth(one.url) == (0, 0))
        cloud.control("workers/kill", {"function": one.function})
    cloud.send(one.url, "last")
    eventually(lambda: cloud.depth(one.url) == (0, 0))
    assert [batch["counts"] for batch in one.batches()] == [["1"]] * 6


def test_failed_messages_can_be_made_to_return_sooner(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """So that a demonstration need not wait for the visibility timeout."""
    dead_url, dead = cloud.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    one = feed(attributes={"RedrivePolicy": redrive})
    one.map()
    cloud.control("settings", {"failed_return_seconds": 0.1})
    try:
        cloud.send(one.url, "poison")
        eventually(lambda: cloud.depth(dead_url) == (1, 0), seconds=10)
    finally:
        cloud.control("settings", {"failed_return_seconds": None})
    assert [batch["counts"] for batch in one.batches()] == [["1"], ["2"], ["3"]]


def test_a_queue_in_order(cloud: Cloud, feed: Callable[..., RecordingConsumer]) -> None:
    """FIFO: one batch at a time, in the order of sending."""
    one = feed()
    url = cloud("sqs").create_queue(QueueName=unique("ordered") + ".fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = cloud("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    cloud.grant(one.role, allow(POLLING_ACTIONS, arn), name="fifo")
    one.queue = arn
    one.map(BatchSize=3)
    for i in range(7):
        cloud("sqs").send_message(QueueUrl=url, MessageBody=f"m{i}", MessageGroupId="g", MessageDeduplicationId=str(i))
    eventually(lambda: len(one.bodies()) == 7)
    assert one.bodies() == [f"m{i}" for i in range(7)]
