"""The worker and the collector of an asynchronous endpoint, over real HTTP to S3, DynamoDB and SQS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from async_results import Notification
from hypothesis import given
from hypothesis import strategies as st
from messages import InvalidMessageError

from tests.lambda_src.worker.worker_process import WorkerProcess, body

if TYPE_CHECKING:
    from tests.lambda_src.worker.conftest import FakeRuntime


@pytest.fixture
def worker(cloud: str, runtime: FakeRuntime) -> WorkerProcess:
    """A worker and a collector with empty tables and queues, and an endpoint that accepts every batch."""
    runtime.answer = lambda _: json.dumps({"InferenceId": "any", "OutputLocation": "any"})
    runtime.status = 202
    return WorkerProcess(cloud, runtime)


def submit(worker: WorkerProcess, *records: dict[str, Any]) -> list[str]:
    """Run the worker; return the message ids that failed."""
    (failed,) = worker.run(list(records), module="submit")
    return failed


def batch(worker: WorkerProcess) -> str:
    """The id of the batch that was submitted last."""
    return worker.runtime.headers[-1]["x-amzn-sagemaker-inference-id"]


def notification_of(worker: WorkerProcess, id_: str, **changed: Any) -> dict[str, Any]:
    """SageMaker's notification about a completed batch."""
    return {
        "awsRegion": "eu-west-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": "text/csv",
            "endpointName": "forecast",
            "inputLocation": f"s3://{worker.name}/input/{id_}.csv",
        },
        "responseParameters": {"contentType": "text/csv", "outputLocation": f"s3://{worker.name}/output/{id_}.out"},
        "inferenceId": id_,
        "eventName": "InferenceResult",
    } | changed


def collect(worker: WorkerProcess, notification: dict[str, Any], answer: str | None = None) -> list[str]:
    """Upload a result if given, run the collector on a notification, and return the message ids that failed."""
    if answer is not None:
        key = notification["responseParameters"]["outputLocation"].partition(f"{worker.name}/")[2]
        worker.s3.put_object(Bucket=worker.name, Key=key, Body=answer.encode())
    (failed,) = worker.run([worker.record("n-1", json.dumps(notification))], module="collect")
    return failed


def receive_all(worker: WorkerProcess, url: str) -> list[dict[str, Any]]:
    """Receive the messages of a queue, after the first delay of a few seconds."""
    found = worker.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=10
    )
    return [dict(message) for message in found.get("Messages", [])]


def test_a_batch_is_submitted_once_and_stored_when_it_completes(worker: WorkerProcess) -> None:
    """The rows and the manifest are uploaded; the poison message fails."""
    records = [
        worker.record("a", body("item-1")),
        worker.record("p", "{"),
        worker.record("b", body("item-2", (9, 8, 7, 6))),
    ]
    assert submit(worker, *records) == ["p"]
    id_ = batch(worker)
    ((path, _, _),) = worker.runtime.requests
    headers = worker.runtime.headers[0]
    assert (path, headers["x-amzn-sagemaker-content-type"]) == ("/endpoints/forecast/async-invocations", "text/csv")
    assert headers["x-amzn-sagemaker-inputlocation"] == f"s3://{worker.name}/input/{id_}.csv"
    rows = worker.s3.get_object(Bucket=worker.name, Key=f"input/{id_}.csv")["Body"].read()
    assert rows == b"1.0,2.0,3.0,4.0\n9.0,8.0,7.0,6.0"
    assert worker.claims() == {"item-1": "submitted", "item-2": "submitted"}
    assert worker.predictions() == {}
    assert collect(worker, notification_of(worker, id_), "0.25\n0.75\n") == []
    assert worker.predictions() == {"item-1": 0.25, "item-2": 0.75}
    assert worker.claims() == {"item-1": "done", "item-2": "done"}


def test_a_submitted_item_is_not_submitted_again(worker: WorkerProcess) -> None:
    """Neither before nor after its result; a duplicate notification counts once."""
    assert submit(worker, worker.record("a", body("item-1"))) == []
    id_ = batch(worker)
    assert submit(worker, worker.record("b", body("item-1"))) == []
    assert len(worker.runtime.requests) == 1
    assert collect(worker, notification_of(worker, id_), "0.25") == []
    assert collect(worker, notification_of(worker, id_), "0.75") == []
    assert submit(worker, worker.record("c", body("item-1"))) == []
    assert worker.predictions() == {"item-1": 0.25}
    assert len(worker.runtime.requests) == 1


def test_a_refused_batch_is_submitted_with_the_next_delivery(worker: WorkerProcess) -> None:
    """The messages fail, and the next delivery submits them."""
    worker.runtime.status = 429
    worker.runtime.error = "ThrottlingException"
    assert submit(worker, worker.record("a", body("item-1"))) == ["a"]
    worker.runtime.status = 202
    assert submit(worker, worker.record("a", body("item-1"))) == []
    assert worker.claims() == {"item-1": "submitted"}


def test_the_items_of_a_failed_batch_are_requeued(worker: WorkerProcess) -> None:
    """With body, attempt count and correlation id; they can be claimed at once."""
    attributes = {"correlation_id": {"stringValue": "order-7", "dataType": "String"}}
    submit(worker, worker.record("a", body("item-1"), messageAttributes=attributes))
    notification = notification_of(worker, batch(worker), invocationStatus="Failed", responseParameters=None)
    assert collect(worker, notification | {"failureReason": "out of memory"}) == []
    (message,) = receive_all(worker, worker.queue)
    assert json.loads(message["Body"]) == {"id": "item-1", "features": [1.0, 2.0, 3.0, 4.0]}
    assert message["MessageAttributes"]["attempt"]["StringValue"] == "1"
    assert message["MessageAttributes"]["correlation_id"]["StringValue"] == "order-7"
    (line,) = worker.logged("item is put back")
    assert (line["id"], line["reason"], line["correlationId"]) == ("item-1", "out of memory", "order-7")
    again = {"attempt": {"stringValue": "1", "dataType": "Number"}}
    assert submit(worker, worker.record("b", message["Body"], messageAttributes=again)) == []
    assert collect(worker, notification_of(worker, batch(worker)), "0.5") == []
    assert worker.predictions() == {"item-1": 0.5}


def test_an_unusable_prediction_fails_its_item_only(worker: WorkerProcess) -> None:
    """The item without a number is requeued, the others are stored."""
    submit(worker, *(worker.record(f"r-{at}", body(f"item-{at}")) for at in range(3)))
    assert collect(worker, notification_of(worker, batch(worker)), "0.25\nerror\n0.75") == []
    assert worker.predictions() == {"item-0": 0.25, "item-2": 0.75}
    (message,) = receive_all(worker, worker.queue)
    assert json.loads(message["Body"])["id"] == "item-1"


def test_an_item_that_fails_too_often_goes_to_the_dead_letter_queue(worker: WorkerProcess) -> None:
    """After as many attempts as the queue's maxReceiveCount; it can be redriven from there."""
    last = {"attempt": {"stringValue": "9", "dataType": "Number"}}
    submit(worker, worker.record("a", body("item-1"), messageAttributes=last))
    assert collect(worker, notification_of(worker, batch(worker), invocationStatus="Failed")) == []
    (message,) = receive_all(worker, worker.dead_letters)
    assert json.loads(message["Body"])["id"] == "item-1"
    assert worker.claims() == {"item-1": "working"}  # with an expired claim: a redriven message can claim it
    assert submit(worker, worker.record("b", message["Body"])) == []


def test_a_duplicate_notification_requeues_nothing(worker: WorkerProcess) -> None:
    """By then another invocation owns the items."""
    submit(worker, worker.record("a", body("item-1")))
    failed = notification_of(worker, batch(worker), invocationStatus="Failed")
    assert collect(worker, failed) == []
    (message,) = receive_all(worker, worker.queue)
    submit(worker, worker.record("b", message["Body"]))
    assert collect(worker, failed) == []
    assert worker.message_count(worker.queue, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed") == 0
    assert worker.claims() == {"item-1": "submitted"}


def test_a_notification_is_retried_until_its_result_can_be_read(worker: WorkerProcess) -> None:
    """It fails while the result object is missing."""
    submit(worker, worker.record("a", body("item-1")))
    assert collect(worker, notification_of(worker, batch(worker))) == ["n-1"]
    assert collect(worker, notification_of(worker, batch(worker)), "0.5") == []
    assert worker.predictions() == {"item-1": 0.5}


INPUT = "s3://bucket/input/1.csv"
GOOD = {
    "invocationStatus": "Completed",
    "requestParameters": {"inputLocation": INPUT},
    "responseParameters": {"outputLocation": "s3://bucket/output/1.out"},
}


def test_a_notification_names_batch_and_result() -> None:
    """Or the reason for a missing result."""
    assert Notification.of(json.dumps(GOOD), "bucket") == Notification("1", "output/1.out", "")
    failed = GOOD | {"invocationStatus": "Failed", "failureReason": "no"}
    assert Notification.of(json.dumps(failed), "bucket").reason == "no"
    assert (
        Notification.of(json.dumps(GOOD | {"invocationStatus": "Expired"}), "bucket").reason == "the batch is Expired"
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"requestParameters": {}}, "no notification"),
        ({"requestParameters": None}, "no notification"),
        ({"requestParameters": {"inputLocation": "s3://other/input/1.csv"}}, "nothing that was handed in"),
        ({"requestParameters": {"inputLocation": "s3://bucket/output/1.csv"}}, "nothing that was handed in"),
        ({"responseParameters": {"outputLocation": "s3://bucket/batches/1.json"}}, "not where answers are"),
        ({"responseParameters": {"outputLocation": "s3://other/output/1.out"}}, "not where answers are"),
        ({"responseParameters": None}, "not where answers are"),
    ],
)
def test_notifications_about_other_objects_are_refused(changed: dict[str, Any], reason: str) -> None:
    """Whoever may publish to the topic cannot make the collector read other objects."""
    with pytest.raises(InvalidMessageError, match=reason):
        Notification.of(json.dumps(GOOD | changed), "bucket")


@given(st.text() | st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner)).map(json.dumps))
def test_arbitrary_messages_are_refused(body_: str) -> None:
    """No message can crash the collector."""
    with pytest.raises(InvalidMessageError):
        Notification.of(body_, "bucket")
