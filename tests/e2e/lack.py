"""How a flow fails for want of one grant, how that is seen, and how it goes on once the grant is back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest
from botocore.exceptions import ClientError

from tests.e2e.flow import ATTEMPTS, eventually

if TYPE_CHECKING:
    from tests.e2e.flow import Flow, Sent


class Lack(Protocol):
    """What goes wrong."""

    def breaks(self, flow: Flow, function: str) -> Sent:
        """Send something while the grant is not there, and wait until it is seen to go wrong in the function."""

    def heals(self, flow: Flow, function: str, sent: Sent) -> None:
        """Wait, with the grant, until what was sent has come to its right end."""


def try_without(flow: Flow, role: str, grant: str, lack: Lack, function: str = "") -> None:
    """Take the grant away, see the flow fail, give it back, see the flow go on. function: where it fails."""
    with flow.lacking(role, grant):
        sent = lack.breaks(flow, function or role)
    lack.heals(flow, function or role, sent)


def through(flow: Flow, sent: Sent) -> None:
    """Wait until all good items have a result."""
    eventually(lambda: flow.stored(sent.good) == set(sent.good), "the same items come through")


class _Through:
    """Comes to its right end by itself, and soon."""

    def heals(self, flow: Flow, _function: str, sent: Sent) -> None:
        """The same items come through."""
        through(flow, sent)


@dataclass(frozen=True)
class Untouched(_Through):
    """Lambda takes nothing out of the function's queue, and the mapping says that it may not `call`."""

    call: str

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The mapping says so, and nothing is stored."""
        sent, text = flow.send(), f"does not have permissions to call {self.call}"
        eventually(lambda: text in flow.mapping(function), text)
        assert not flow.stored(sent.good)
        return sent


@dataclass(frozen=True)
class PutBack(_Through):
    """The function puts messages back, for a reason in which these words are."""

    words: tuple[str, ...]

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The log says so, and nothing is stored."""
        sent = flow.send()
        eventually(lambda: flow.said(function, sent.since, "message is put back", *self.words), " ".join(self.words))
        assert not flow.stored(sent.good)
        return sent


@dataclass(frozen=True)
class Late(_Through):
    """What fails comes back after the queue's visibility timeout, not when it should: poison stays for half an hour.

    (That it comes back all the same is a setting of the local AWS.) queue: the output that names the queue.
    """

    queue: str = "queue_url"

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The log says so."""
        sent, message = flow.send(), "messages come back later than they should"
        if self.queue != "queue_url":
            flow("sqs").send_message(QueueUrl=flow.outputs[self.queue], MessageBody="{}")
        eventually(lambda: flow.said(function, sent.since, message, "ChangeMessageVisibility"), message)
        return sent


@dataclass(frozen=True)
class Silent:
    """The work is done, and nobody learns how: no line, hence no metric and no reason of a poison message.

    queue: the output that names the function's queue.
    """

    queue: str = "queue_url"

    def breaks(self, flow: Flow, function: str) -> Sent:
        """All is stored and no message is worked on any more; the log holds nothing about it."""
        eventually(lambda: flow.idle(self.queue), "nobody works")
        sent = flow.send(poison=0)
        through(flow, sent)
        eventually(lambda: flow.idle(self.queue), "the messages are done with")
        assert self.heard(flow, function, sent) == set()
        return sent

    def heard(self, flow: Flow, function: str, sent: Sent) -> set[str]:
        """The invocations that the log tells of."""
        return {str(line.get("requestId", "")) for line in flow.lines(function, sent.since)}

    def heals(self, flow: Flow, function: str, sent: Sent) -> None:
        """What is sent now is told of; what was said before is not merely late."""
        again = flow.send()
        through(flow, again)
        eventually(lambda: self.heard(flow, function, again), "the function is heard again")
        assert self.heard(flow, function, sent) <= self.heard(flow, function, again)


@dataclass(frozen=True)
class Anew(Silent):
    """The same of a new process, which needs a log stream of its own."""

    def breaks(self, flow: Flow, function: str) -> Sent:
        """All processes have ended, the work is done by a new one, and there is no new stream."""
        name = "function_name" if function == "worker" else f"{function}_function_name"
        before = flow.streams(function)
        assert flow.cloud.control("workers/kill", {"function": flow.outputs[name]})["killed"]
        sent = flow.send(poison=0)
        through(flow, sent)
        eventually(lambda: flow.idle(self.queue), "the messages are done with")
        assert flow.streams(function) == before
        return sent


@dataclass(frozen=True)
class Refused:
    """The model that answers later cannot do its work: the collector puts the items back, for a reason with `words`.

    They are delayed, and nobody waits for them here: `Flow.sent` remembers them for the end.
    """

    words: tuple[str, ...]

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The collector says so, and nothing is stored."""
        sent = flow.send()
        eventually(lambda: flow.said(function, sent.since, "item is put back", *self.words), " ".join(self.words))
        assert not flow.stored(sent.good)
        return sent

    def heals(self, _flow: Flow, _function: str, _sent: Sent) -> None:
        """Later."""


@dataclass(frozen=True)
class Stuck:
    """The model fails at an item, and what the collector then does with it is refused for a reason with `words`.

    tried: how often the work was put back before.
    """

    words: tuple[str, ...]
    tried: int = ATTEMPTS - 1

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The collector says so, and tries again."""
        sent = flow.fail_once(self.tried)
        eventually(lambda: flow.said(function, sent.since, "message is put back", *self.words), " ".join(self.words))
        assert flow.set_aside(sent.good) == []
        return sent

    def heals(self, flow: Flow, _function: str, sent: Sent) -> None:
        """It is set aside; or it is delayed, and tried again: nobody waits for that here."""
        if self.tried == ATTEMPTS - 1:
            eventually(lambda: flow.set_aside(sent.good) == list(sent.good), "it is set aside")


@dataclass(frozen=True)
class Unexplained:
    """The model fails at an item, and its own words about that are not kept."""

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The item is put back without."""
        before, sent = flow.explained(), flow.fail_once(ATTEMPTS - 1)
        eventually(lambda: flow.said(function, sent.since, "item is put back"), "the model fails")
        assert flow.explained() == before
        return sent

    def heals(self, flow: Flow, _function: str, _sent: Sent) -> None:
        """The next failure is kept."""
        before = flow.explained()
        flow.fail_once(ATTEMPTS - 1)
        eventually(lambda: flow.explained() == before + 1, "it is kept")


@dataclass(frozen=True)
class Lost:
    """Nobody hears what became of a batch, so that its items stay handed in for ever: there is an alarm for that.

    fails: whether the model fails at it.
    """

    fails: bool = False

    def breaks(self, flow: Flow, _function: str) -> Sent:
        """The endpoint says so, and nothing is stored."""
        before = flow.untold()
        sent = flow.fail_once(ATTEMPTS - 1) if self.fails else flow.send(poison=0)
        eventually(lambda: flow.untold() > before, "nobody could be told")
        assert not flow.stored(sent.good)
        flow.lost += sent.good
        return sent

    def heals(self, flow: Flow, _function: str, _sent: Sent) -> None:
        """What is sent now is told of."""
        if self.fails:
            again = flow.fail_once(ATTEMPTS - 1)
            eventually(lambda: flow.set_aside(again.good) == list(again.good), "it is set aside")
        else:
            through(flow, flow.send())


def refuse_model(flow: Flow, grant: str) -> None:
    """Without the grant there is no second model like the first, with it there is."""
    sagemaker = flow("sagemaker")
    described = sagemaker.describe_model(ModelName=flow.outputs["model_arn"].rpartition("/")[2])
    same = {name: described[name] for name in ("ExecutionRoleArn", "PrimaryContainer", "EnableNetworkIsolation")}
    with flow.lacking("model", grant), pytest.raises(ClientError, match="Could not access model data"):
        sagemaker.create_model(ModelName="second", **same)
    sagemaker.create_model(ModelName="second", **same)
    sagemaker.delete_model(ModelName="second")
