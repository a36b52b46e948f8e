"""What fails when a role lacks one grant, how a test sees the failure, and how work continues once it is granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest
from botocore.exceptions import ClientError

from tests.e2e.flow import ATTEMPTS, eventually

if TYPE_CHECKING:
    from tests.e2e.flow import Flow, Sent


class Symptom(Protocol):
    """The observable effect of one missing grant."""

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """Send items while the grant is missing, and wait until the function is seen to fail."""

    def wait_for_recovery(self, flow: Flow, function: str, sent: Sent) -> None:
        """With the grant restored, wait until every item that was sent has its correct outcome."""


def check_without_grant(flow: Flow, role: str, grant: str, symptom: Symptom, function: str = "") -> None:
    """Check that the flow fails without the grant and recovers once it is restored. function: where it fails."""
    with flow.without_grant(role, grant):
        sent = symptom.wait_for_failure(flow, function or role)
    symptom.wait_for_recovery(flow, function or role, sent)


def wait_until_stored(flow: Flow, sent: Sent) -> None:
    """Wait until all valid items have a result."""
    eventually(lambda: flow.stored(sent.good) == set(sent.good), "the same items are stored")


class _RecoversByItself:
    """Recovers without help and soon: messages are delivered again."""

    def wait_for_recovery(self, flow: Flow, _function: str, sent: Sent) -> None:
        """The same items are stored."""
        wait_until_stored(flow, sent)


@dataclass(frozen=True)
class NotPolled(_RecoversByItself):
    """Lambda cannot poll the function's queue; the event source mapping reports that it may not `call`."""

    call: str

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The mapping reports the error, and nothing is stored."""
        sent, text = flow.send(), f"does not have permissions to call {self.call}"
        eventually(lambda: text in flow.mapping(function), text)
        assert not flow.stored(sent.good)
        return sent


@dataclass(frozen=True)
class ReturnedToQueue(_RecoversByItself):
    """The function returns messages to the queue, and logs a reason that contains these words."""

    words: tuple[str, ...]

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The function logs the reason, and nothing is stored."""
        sent = flow.send()
        eventually(lambda: flow.logged(function, sent.since, "message is put back", *self.words), " ".join(self.words))
        assert not flow.stored(sent.good)
        return sent


@dataclass(frozen=True)
class ReturnedTooLate(_RecoversByItself):
    """A failed message is delivered again only after the queue's visibility timeout, 30 minutes for a poison message.

    (The local AWS delivers it sooner, by a setting of the test.) queue: the output that names the queue.
    """

    queue: str = "queue_url"

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The function logs that it could not change the visibility timeout."""
        sent, message = flow.send(), "messages come back later than they should"
        if self.queue != "queue_url":
            flow("sqs").send_message(QueueUrl=flow.outputs[self.queue], MessageBody="{}")
        eventually(lambda: flow.logged(function, sent.since, message, "ChangeMessageVisibility"), message)
        return sent


@dataclass(frozen=True)
class NothingLogged:
    """The work is done but nothing is logged: no log line, hence no metric and no reason for a poison message.

    queue: the output that names the function's queue.
    """

    queue: str = "queue_url"

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """All results are stored and no message is in flight; the log has no line about them."""
        eventually(lambda: flow.idle(self.queue), "no message is in flight")
        sent = flow.send(poison=0)
        wait_until_stored(flow, sent)
        eventually(lambda: flow.idle(self.queue), "all messages are deleted")
        assert self.logged_invocations(flow, function, sent) == set()
        return sent

    def logged_invocations(self, flow: Flow, function: str, sent: Sent) -> set[str]:
        """The request ids of the invocations found in the log."""
        return {str(line.get("requestId", "")) for line in flow.lines(function, sent.since)}

    def wait_for_recovery(self, flow: Flow, function: str, sent: Sent) -> None:
        """New invocations are logged; the lines of the earlier ones are missing, not merely late."""
        again = flow.send()
        wait_until_stored(flow, again)
        eventually(lambda: self.logged_invocations(flow, function, again), "the function logs again")
        assert self.logged_invocations(flow, function, sent) <= self.logged_invocations(flow, function, again)


@dataclass(frozen=True)
class NoNewLogStream(NothingLogged):
    """A new execution environment, which needs a log stream of its own, cannot log."""

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """After all environments are stopped, a new one does the work, and no new stream appears."""
        name = "function_name" if function == "worker" else f"{function}_function_name"
        before = flow.streams(function)
        assert flow.cloud.control("workers/kill", {"function": flow.outputs[name]})["killed"]
        sent = flow.send(poison=0)
        wait_until_stored(flow, sent)
        eventually(lambda: flow.idle(self.queue), "all messages are deleted")
        assert flow.streams(function) == before
        return sent


@dataclass(frozen=True)
class ModelCannotRun:
    """The asynchronous model cannot run: the collector returns the items to the queue, with a reason that has `words`.

    They are delayed and not awaited here: the last test looks for everything in `Flow.sent`.
    """

    words: tuple[str, ...]

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The collector logs the reason, and nothing is stored."""
        sent = flow.send()
        eventually(lambda: flow.logged(function, sent.since, "item is put back", *self.words), " ".join(self.words))
        assert not flow.stored(sent.good)
        return sent

    def wait_for_recovery(self, _flow: Flow, _function: str, _sent: Sent) -> None:
        """The last test of the module waits for these items."""


@dataclass(frozen=True)
class CannotRequeue:
    """The model fails on an item, and the collector cannot send it to a queue, for a reason that has `words`.

    tried: how often the item was retried before.
    """

    words: tuple[str, ...]
    tried: int = ATTEMPTS - 1

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The collector logs the reason, and retries."""
        sent = flow.fail_once(self.tried)
        eventually(lambda: flow.logged(function, sent.since, "message is put back", *self.words), " ".join(self.words))
        assert flow.dead_letters(sent.good) == []
        return sent

    def wait_for_recovery(self, flow: Flow, _function: str, sent: Sent) -> None:
        """It becomes a dead letter; or it is delayed and retried, which is not awaited here."""
        if self.tried == ATTEMPTS - 1:
            eventually(lambda: flow.dead_letters(sent.good) == list(sent.good), "it is in the dead-letter queue")


@dataclass(frozen=True)
class FailureNotStored:
    """The model fails on an item, and SageMaker cannot store the failure object."""

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The item is retried, and no failure object is stored."""
        before, sent = flow.stored_failures(), flow.fail_once(ATTEMPTS - 1)
        eventually(lambda: flow.logged(function, sent.since, "item is put back"), "the model fails")
        assert flow.stored_failures() == before
        return sent

    def wait_for_recovery(self, flow: Flow, _function: str, _sent: Sent) -> None:
        """The next failure is stored."""
        before = flow.stored_failures()
        flow.fail_once(ATTEMPTS - 1)
        eventually(lambda: flow.stored_failures() == before + 1, "the failure object is stored")


@dataclass(frozen=True)
class NotificationLost:
    """The notification about a batch cannot be published, so its items stay submitted for ever (an alarm reports it).

    fails: whether the model fails on the batch.
    """

    fails: bool = False

    def wait_for_failure(self, flow: Flow, _function: str) -> Sent:
        """The endpoint logs the failed notification, and nothing is stored."""
        before = flow.failed_notifications()
        sent = flow.fail_once(ATTEMPTS - 1) if self.fails else flow.send(poison=0)
        eventually(lambda: flow.failed_notifications() > before, "the notification fails")
        assert not flow.stored(sent.good)
        flow.lost += sent.good
        return sent

    def wait_for_recovery(self, flow: Flow, _function: str, _sent: Sent) -> None:
        """New batches are notified again."""
        if self.fails:
            again = flow.fail_once(ATTEMPTS - 1)
            eventually(lambda: flow.dead_letters(again.good) == list(again.good), "it is in the dead-letter queue")
        else:
            wait_until_stored(flow, flow.send())


def check_model_needs_grant(flow: Flow, grant: str) -> None:
    """Without the grant a second model like the first cannot be created; with it, it can."""
    sagemaker = flow("sagemaker")
    described = sagemaker.describe_model(ModelName=flow.outputs["model_arn"].rpartition("/")[2])
    same = {name: described[name] for name in ("ExecutionRoleArn", "PrimaryContainer", "EnableNetworkIsolation")}
    with flow.without_grant("model", grant), pytest.raises(ClientError, match="Could not access model data"):
        sagemaker.create_model(ModelName="second", **same)
    sagemaker.create_model(ModelName="second", **same)
    sagemaker.delete_model(ModelName="second")
