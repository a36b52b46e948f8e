"""What fails when the collector cannot delete a finished batch, or cannot requeue an open one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.flow import eventually
from tests.e2e.missing_grants import wait_until_stored

if TYPE_CHECKING:
    from tests.e2e.flow import Flow, Sent

DELETE = {"deployment": {"action": "delete"}}


def requeue_open_batches(flow: Flow, function: str) -> dict[str, Any]:
    """Invoke the collector as the stack does before it deletes the endpoint; return its response."""
    answer = flow("lambda").invoke(
        FunctionName=flow.outputs[f"{function}_function_name"], Qualifier="live", Payload=json.dumps(DELETE).encode()
    )
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


def open_batches(flow: Flow) -> set[str]:
    """The objects of batches that are open, or that the endpoint did not accept."""
    found = flow("s3").list_objects_v2(Bucket=flow.outputs["batch_bucket"], Prefix="batches/").get("Contents", [])
    return {each["Key"] for each in found}


class BatchNotDeleted:
    """Results are stored, but their batch stays open, and its notification is delivered again and again."""

    def __init__(self) -> None:
        self._open: set[str] = set()

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The collector logs the error, and the batch is still open."""
        before, sent, words = open_batches(flow), flow.send(), ("cannot be forgotten", "AccessDenied")
        eventually(lambda: flow.logged(function, sent.since, "message is put back", *words), " ".join(words))
        self._open = open_batches(flow) - before
        assert self._open
        return sent

    def wait_for_recovery(self, flow: Flow, _function: str, sent: Sent) -> None:
        """The same items are stored, and their batch is deleted."""
        wait_until_stored(flow, sent)
        eventually(lambda: not self._open & open_batches(flow), "the batch is deleted")


class BatchesNotListed:
    """Open batches cannot be listed, so their items cannot be requeued."""

    def wait_for_failure(self, flow: Flow, function: str) -> Sent:
        """The invocation fails, which stops the deletion of the endpoint."""
        sent = flow.send()
        assert "the batches cannot be listed" in requeue_open_batches(flow, function)["errorMessage"]
        return sent

    def wait_for_recovery(self, flow: Flow, function: str, sent: Sent) -> None:
        """The invocation succeeds, and the items are stored, whether requeued or not."""
        assert "batches" in requeue_open_batches(flow, function)
        wait_until_stored(flow, sent)
