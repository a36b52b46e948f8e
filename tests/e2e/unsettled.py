"""How it fails that a batch is forgotten once it is settled, and taken back while it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.flow import eventually
from tests.e2e.lack import through

if TYPE_CHECKING:
    from tests.e2e.flow import Flow, Sent

DELETE = {"deployment": {"action": "delete"}}


def take_back(flow: Flow, function: str) -> dict[str, Any]:
    """Have the collector do what it does before the endpoint is deleted; give its answer."""
    answer = flow("lambda").invoke(
        FunctionName=flow.outputs[f"{function}_function_name"], Qualifier="live", Payload=json.dumps(DELETE).encode()
    )
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


def unsettled(flow: Flow) -> set[str]:
    """What lies in the bucket of batches that are not settled, and of those that the endpoint did not take."""
    found = flow("s3").list_objects_v2(Bucket=flow.outputs["batch_bucket"], Prefix="batches/").get("Contents", [])
    return {each["Key"] for each in found}


class Remembered:
    """Results are stored, but their batch counts as open, and its notification comes again and again."""

    def __init__(self) -> None:
        self._open: set[str] = set()

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The log says so, and the batch is still there."""
        before, sent, words = unsettled(flow), flow.send(), ("cannot be forgotten", "AccessDenied")
        eventually(lambda: flow.said(function, sent.since, "message is put back", *words), " ".join(words))
        self._open = unsettled(flow) - before
        assert self._open
        return sent

    def heals(self, flow: Flow, _function: str, sent: Sent) -> None:
        """The same items came through, and their batch is no longer there."""
        through(flow, sent)
        eventually(lambda: not self._open & unsettled(flow), "the batch is settled")


class Unlisted:
    """What is not answered cannot be taken back."""

    def breaks(self, flow: Flow, function: str) -> Sent:
        """The invocation fails, which stops the deletion."""
        sent = flow.send()
        assert "the batches cannot be listed" in take_back(flow, function)["errorMessage"]
        return sent

    def heals(self, flow: Flow, function: str, sent: Sent) -> None:
        """It can, and the items come through, by whichever way."""
        assert "batches" in take_back(flow, function)
        through(flow, sent)
