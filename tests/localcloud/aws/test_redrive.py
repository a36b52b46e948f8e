"""Dead letters go back to the queue they came from, as new messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from localcloud import redrive
from localcloud.console import UserError
from tests.localcloud.aws.cloud import eventually

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def dead_letters(cloud: Cloud, count: int) -> tuple[str, str, str]:
    """Make a queue that gives up at once, and so many dead letters; return its URL, the DLQ's URL and ARN."""
    dead_url, dead = cloud.queue()
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    url, _ = cloud.queue(RedrivePolicy=policy, VisibilityTimeout="0")
    cloud.send(url, *(f"letter {number}" for number in range(count)))

    def all_dead() -> bool:
        cloud("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return cloud.depth(dead_url)[0] == count

    eventually(all_dead)
    return url, dead_url, dead


def test_dead_letters_go_back(cloud: Cloud) -> None:
    """All of them, each once, received never; the task says so."""
    sqs, (url, dead_url, dead) = cloud("sqs"), dead_letters(cloud, 25)
    assert sqs.start_message_move_task(SourceArn=dead)["TaskHandle"]
    eventually(lambda: sqs.list_message_move_tasks(SourceArn=dead)["Results"][0]["Status"] == "COMPLETED")
    task = sqs.list_message_move_tasks(SourceArn=dead)["Results"][0]
    assert task["ApproximateNumberOfMessagesMoved"] == task["ApproximateNumberOfMessagesToMove"] == 25
    assert cloud.depth(dead_url) == (0, 0)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "30"})
    bodies = []
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages"):
        bodies += [each["Body"] for each in got]
        assert {each["Attributes"]["ApproximateReceiveCount"] for each in got} == {"1"}
        assert not any("DeadLetterQueueSourceArn" in each["Attributes"] for each in got)
    assert sorted(bodies) == sorted(f"letter {number}" for number in range(25))


def test_they_can_go_elsewhere_slowly_and_be_stopped(cloud: Cloud) -> None:
    """To another queue, so many a second; what has moved stays moved."""
    sqs, (_, dead_url, dead) = cloud("sqs"), dead_letters(cloud, 20)
    other_url, other = cloud.queue()
    handle = sqs.start_message_move_task(SourceArn=dead, DestinationArn=other, MaxNumberOfMessagesPerSecond=2)
    with pytest.raises(ClientError, match="Only one active task"):
        sqs.start_message_move_task(SourceArn=dead)
    eventually(lambda: cloud.depth(other_url)[0] >= 1)
    moved = sqs.cancel_message_move_task(TaskHandle=handle["TaskHandle"])["ApproximateNumberOfMessagesMoved"]
    assert 1 <= moved < 20
    assert (cloud.depth(other_url)[0], cloud.depth(dead_url)[0]) == (moved, 20 - moved)
    (task,) = sqs.list_message_move_tasks(SourceArn=dead)["Results"]
    assert task["Status"] in {"CANCELLED", "CANCELLING"}


def test_what_cannot_be_moved(cloud: Cloud) -> None:
    """A queue that is nobody's dead-letter queue, one that is not there, letters that were sent there directly."""
    sqs, (_, plain) = cloud("sqs"), cloud.queue()
    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        sqs.start_message_move_task(SourceArn=plain)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        sqs.start_message_move_task(SourceArn=plain + "x")
    _, dead_url, dead = dead_letters(cloud, 1)
    cloud.send(dead_url, "never was elsewhere")
    sqs.start_message_move_task(SourceArn=dead)
    eventually(lambda: sqs.list_message_move_tasks(SourceArn=dead)["Results"][0]["Status"] == "FAILED")
    (task,) = sqs.list_message_move_tasks(SourceArn=dead)["Results"]
    assert task["FailureReason"] == "CouldNotDetermineMessageSource"
    assert cloud.depth(dead_url)[0] == 1


def test_the_command_moves_them(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how many there were, that there are none, and what it cannot work with."""
    url, dead_url, _ = dead_letters(cloud, 3)
    assert redrive.run(cloud.url, {"dead_letter_queue_url": dead_url}) == 0
    assert "Moved 3 messages" in "".join(capsys.readouterr())
    assert (cloud.depth(url)[0], cloud.depth(dead_url)[0]) == (3, 0)
    assert redrive.run(cloud.url, {"dead_letter_queue_url": dead_url}) == 0
    assert "nothing to move" in "".join(capsys.readouterr())
    with pytest.raises(UserError, match="does not export dead_letter_queue_url"):
        redrive.run(cloud.url, {"queue_url": url})
    with pytest.raises(UserError, match="the local AWS stopped"):
        redrive.run("http://127.0.0.1:9", {"dead_letter_queue_url": dead_url})


def test_the_command_says_why_it_stopped(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """A letter that never was in another queue has none to go back to."""
    _, dead_url, _ = dead_letters(cloud, 1)
    cloud.send(dead_url, "never was elsewhere")
    assert redrive.run(cloud.url, {"dead_letter_queue_url": dead_url}) == 1
    assert "stopped after 1: CouldNotDetermineMessageSource" in "".join(capsys.readouterr())
