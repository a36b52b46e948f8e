"""The worker of a real-time endpoint, over real HTTP to DynamoDB and SQS (moto's server) and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.lambda_src.worker.worker_process import WorkerProcess, body

if TYPE_CHECKING:
    from tests.lambda_src.worker.conftest import FakeRuntime


@pytest.fixture
def worker(cloud: str, runtime: FakeRuntime) -> WorkerProcess:
    """A worker with empty tables and queues."""
    return WorkerProcess(cloud, runtime)


def test_only_the_poison_message_of_a_batch_fails(worker: WorkerProcess) -> None:
    """Nine results, one request to the model, one failure."""
    batch = [worker.record(f"receipt-{at}", body(f"item-{at}")) for at in range(10)]
    batch[4] = worker.record("receipt-4", '{"id": "item-4", "features": ["poison"]}')
    assert worker.run(batch) == [["receipt-4"]]
    assert worker.predictions() == {f"item-{at}": 0.5 for at in range(10) if at != 4}
    assert len(worker.runtime.requests) == 1


def test_a_duplicate_message_is_predicted_once(worker: WorkerProcess) -> None:
    """Within a batch and across batches."""
    answers = iter(["0.25", "0.75"])
    worker.runtime.answer = lambda _: next(answers)
    first = [worker.record("a", body("item-1")), worker.record("b", body("item-1"))]
    assert worker.run(first, [worker.record("c", body("item-1"))]) == [[], []]
    assert worker.predictions() == {"item-1": 0.25}
    assert len(worker.runtime.requests) == 1
    assert worker.metrics()["Duplicates"] == 1


def test_a_batch_is_retried_after_the_model_fails(worker: WorkerProcess) -> None:
    """During an outage nothing is stored, nothing is lost, and no claim remains."""
    batch = [worker.record("a", body("item-1")), worker.record("b", body("item-2"))]
    worker.runtime.status = 500
    assert worker.run(batch) == [["a", "b"]]
    assert worker.predictions() == {}
    worker.runtime.status = 200
    assert worker.run(batch) == [[]]
    assert worker.predictions() == {"item-1": 0.5, "item-2": 0.5}


def test_an_unusable_prediction_fails_its_item_only(worker: WorkerProcess) -> None:
    """The item without a number fails with the reason and is predicted again; the others are stored."""
    answers = iter(["0.25\nsorry\n0.75", "0.5"])
    worker.runtime.answer = lambda _: next(answers)
    batch = [worker.record(f"receipt-{at}", body(f"item-{at}")) for at in range(3)]
    assert worker.run(batch, batch) == [["receipt-1"], []]
    assert worker.predictions() == {"item-0": 0.25, "item-1": 0.5, "item-2": 0.75}
    assert [line["reason"] for line in worker.logged("message is put back")] == [
        "the prediction is not a finite number"
    ]
    assert len(worker.runtime.requests[1][2].splitlines()) == 1


def receive(worker: WorkerProcess, body_: str) -> dict[str, Any]:
    """Send a message and receive it, as Lambda's poller does."""
    worker.sqs.send_message(QueueUrl=worker.queue, MessageBody=body_)
    (message,) = worker.sqs.receive_message(QueueUrl=worker.queue, AttributeNames=["All"])["Messages"]
    return worker.record(
        message["MessageId"],
        message["Body"],
        receiptHandle=message["ReceiptHandle"],
        attributes=message["Attributes"],
    )


def test_a_poison_message_is_visible_again_at_once(worker: WorkerProcess) -> None:
    """Not after the queue's visibility timeout of five minutes, so it soon reaches the dead-letter queue."""
    record = receive(worker, "poison")
    assert "Messages" not in worker.sqs.receive_message(QueueUrl=worker.queue)
    assert worker.run([record]) == [[record["messageId"]]]
    (again,) = worker.sqs.receive_message(QueueUrl=worker.queue)["Messages"]
    assert again["MessageId"] == record["messageId"]


def test_a_throttled_message_is_retried_with_backoff(worker: WorkerProcess) -> None:
    """After seconds: neither at once nor after the visibility timeout of five minutes."""
    worker.runtime.status, worker.runtime.error = 429, "ThrottlingException"
    record = receive(worker, body("item-1"))
    assert worker.run([record]) == [[record["messageId"]]]
    assert worker.message_count(worker.queue, "ApproximateNumberOfMessagesNotVisible") == 1
    (again,) = worker.sqs.receive_message(QueueUrl=worker.queue, WaitTimeSeconds=15)["Messages"]
    (line,) = worker.logged("message is put back")
    assert line["reason"] == "the model answers ThrottlingException"
    worker.runtime.status = 200
    assert worker.run([worker.record("again", again["Body"])]) == [[]]
    assert worker.predictions() == {"item-1": 0.5}


def test_an_error_of_the_queue_fails_no_other_message(worker: WorkerProcess) -> None:
    """The valid message is stored, and the poison message waits for its visibility timeout."""
    gone = "arn:aws:sqs:eu-west-1:123456789012:gone"
    poison = worker.record("a", "poison", receiptHandle="nobody") | {"eventSourceARN": gone}
    good = worker.record("b", body("item-1"), receiptHandle="c") | {"eventSourceARN": gone}
    assert worker.run([poison, good]) == [["a"]]
    assert worker.predictions() == {"item-1": 0.5}
    assert worker.logged("messages come back later than they should")


def test_log_lines_identify_request_message_and_trace(worker: WorkerProcess) -> None:
    """Request id, message id, correlation id, X-Ray trace id; for a poison message also the reason."""
    poison = worker.record(
        "m-1",
        "{}",
        attributes={"ApproximateReceiveCount": "2", "AWSTraceHeader": "Root=1-5759e988"},
        messageAttributes={"correlation_id": {"stringValue": "order-7", "dataType": "String"}},
    )
    worker.run([poison, worker.record("m-2", body("item-1"))])
    (dead_letters,) = worker.logged("message is set aside")
    assert dead_letters | {"timestamp": ""} == {
        "timestamp": "",
        "level": "ERROR",
        "message": "message is set aside",
        "requestId": "request-1",
        "reason": "id is missing",
        "messageId": "m-1",
        "correlationId": "order-7",
        "traceId": "Root=1-5759e988",
        "receives": 2,
    }
    (done,) = worker.logged("batch is done")
    assert done["correlationIds"] == ["m-2"]
    assert (done["Items"], done["Stored"], done["Poison"]) == (1, 1, 1)


def test_metrics_are_in_cloudwatchs_embedded_metric_format(worker: WorkerProcess) -> None:
    """Counts and durations of a batch, with the function as dimension."""
    worker.run([worker.record("a", body("item-1")), worker.record("b", "poison")])
    (line,) = (line for line in worker.lines if "_aws" in line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("DecoupledAI", [["Function"]])
    assert line["Function"] == "worker-1a2b3c4"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert {name for name, unit in units.items() if unit == "Milliseconds"} == {"ModelLatency", "BatchLatency"}
    measured = {name: line[name] for name in units if units[name] == "Count"}
    assert measured == {"Items": 1, "Duplicates": 0, "Poison": 1, "PutBack": 0, "Stored": 1}
    assert isinstance(line["_aws"]["Timestamp"], int)
