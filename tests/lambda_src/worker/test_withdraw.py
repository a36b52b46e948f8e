"""Requeueing of open batches before an asynchronous endpoint is deleted, and the deletion of manifests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from async_results import AsyncResults

from tests.lambda_src.worker.test_submit_and_collect import batch, collect, notification_of, receive_all, submit
from tests.lambda_src.worker.worker_process import WorkerProcess, body

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.lambda_src.worker.conftest import FakeRuntime

DELETE = {"deployment": {"action": "delete", "prev_input": {}}}


@pytest.fixture
def worker(cloud: str, runtime: FakeRuntime) -> WorkerProcess:
    """A worker and a collector with empty tables and queues, and an endpoint that accepts every batch."""
    runtime.answer = lambda _: json.dumps({"InferenceId": "any", "OutputLocation": "any"})
    runtime.status = 202
    return WorkerProcess(cloud, runtime)


def manifests(worker: WorkerProcess) -> list[str]:
    """The object keys of all open batches."""
    found = worker.s3.list_objects_v2(Bucket=worker.name, Prefix="batches/").get("Contents", [])
    return [each["Key"] for each in found]


def test_open_batches_are_requeued_once(worker: WorkerProcess) -> None:
    """Without delay and with an unchanged attempt count; the next delivery can claim them."""
    attributes = {
        "correlation_id": {"stringValue": "order-7", "dataType": "String"},
        "attempt": {"stringValue": "9", "dataType": "Number"},
    }
    submit(worker, worker.record("a", body("item-1")))
    answered = batch(worker)
    submit(worker, worker.record("b", body("item-2"), messageAttributes=attributes))
    collect(worker, notification_of(worker, answered), "0.25")
    assert worker.invoke_collector(DELETE) == {"batches": 1}
    (message,) = receive_all(worker, worker.queue)
    assert json.loads(message["Body"])["id"] == "item-2"
    assert message["MessageAttributes"]["correlation_id"]["StringValue"] == "order-7"
    assert message["MessageAttributes"]["attempt"]["StringValue"] == "9"
    (line,) = worker.logged("item is taken back")
    assert (line["id"], line["correlationId"]) == ("item-2", "order-7")
    assert worker.claims() == {"item-1": "done", "item-2": "working"}
    assert worker.invoke_collector(DELETE) == {"batches": 0}
    assert worker.message_count(worker.queue, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed") == 0
    assert submit(worker, worker.record("c", message["Body"])) == []
    assert worker.claims() == {"item-1": "done", "item-2": "submitted"}


def test_a_late_result_changes_nothing(worker: WorkerProcess) -> None:
    """The manifest is deleted, and another invocation owns the items."""
    submit(worker, worker.record("a", body("item-1")))
    late = batch(worker)
    worker.invoke_collector(DELETE)
    (message,) = receive_all(worker, worker.queue)
    submit(worker, worker.record("b", message["Body"]))
    assert collect(worker, notification_of(worker, late), "0.25") == []
    assert worker.predictions() == {}
    assert collect(worker, notification_of(worker, batch(worker)), "0.75") == []
    assert worker.predictions() == {"item-1": 0.75}


def test_a_manifest_exists_until_its_batch_is_completed(worker: WorkerProcess) -> None:
    """Whether the batch succeeds or fails; it stays while the result cannot be read."""
    submit(worker, worker.record("a", body("item-1")))
    assert manifests(worker) == [f"batches/{batch(worker)}.json"]
    assert collect(worker, notification_of(worker, batch(worker))) == ["n-1"]
    assert manifests(worker) == [f"batches/{batch(worker)}.json"]
    assert collect(worker, notification_of(worker, batch(worker)), "0.5") == []
    assert manifests(worker) == []
    submit(worker, worker.record("b", body("item-2")))
    assert collect(worker, notification_of(worker, batch(worker), invocationStatus="Failed")) == []
    assert manifests(worker) == []


def test_open_batches_are_listed_over_several_pages() -> None:
    """S3 lists a thousand objects per page."""
    pages = {
        "": {"Contents": [{"Key": "batches/1.json"}], "NextContinuationToken": "on"},
        "on": {"Contents": [{"Key": "batches/2.json"}]},
    }

    class Bucket:
        def list_objects_v2(self, *, ContinuationToken: str = "", **_: str) -> Any:  # noqa: N803 - AWS's name
            return pages[ContinuationToken]

    assert list(AsyncResults(cast("S3Client", Bucket()), "bucket").open_batches()) == ["1", "2"]


def test_batches_of_another_endpoint_are_left_alone(worker: WorkerProcess) -> None:
    """When one endpoint replaces another, the new one has batches already."""
    submit(worker, worker.record("a", body("item-1")))
    assert worker.invoke_collector({"endpoint": "the-one-before", **DELETE}) == {"batches": 1}
    assert worker.claims() == {"item-1": "submitted"}
    assert manifests(worker) == [f"batches/{batch(worker)}.json"]
    assert worker.invoke_collector({"endpoint": "forecast", **DELETE}) == {"batches": 1}
    assert worker.claims() == {"item-1": "working"}
    assert manifests(worker) == []


@pytest.mark.parametrize("action", ["create", "update"])
def test_create_and_update_requeue_nothing(worker: WorkerProcess, action: str) -> None:
    """The endpoint stays."""
    submit(worker, worker.record("a", body("item-1")))
    assert worker.invoke_collector({"deployment": {"action": action, "prev_input": None}}) == {"batches": 0}
    assert worker.claims() == {"item-1": "submitted"}
    assert manifests(worker) == [f"batches/{batch(worker)}.json"]


def test_an_error_of_the_queue_stops_the_deletion(worker: WorkerProcess) -> None:
    """The batch stays open, and the next deployment requeues it."""
    submit(worker, worker.record("a", body("item-1")))
    worker.sqs.delete_queue(QueueUrl=worker.queue)
    with pytest.raises(AssertionError, match="the queue does not take work back"):
        worker.invoke_collector(DELETE)
    assert manifests(worker) == [f"batches/{batch(worker)}.json"]
