"""The worker for an endpoint that answers at once, over real HTTP to DynamoDB and SQS (moto's server) and the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.lambda_src.worker.life import Life, body

if TYPE_CHECKING:
    from tests.lambda_src.worker.conftest import FakeRuntime


@pytest.fixture
def life(cloud: str, runtime: FakeRuntime) -> Life:
    """A worker with nothing done yet."""
    return Life(cloud, runtime)


def test_a_batch_with_one_poison_message_fails_that_message_alone(life: Life) -> None:
    """Nine results, one request to the model, one failure."""
    batch = [life.record(f"receipt-{at}", body(f"item-{at}")) for at in range(10)]
    batch[4] = life.record("receipt-4", '{"id": "item-4", "features": ["poison"]}')
    assert life.run(batch) == [["receipt-4"]]
    assert life.predictions() == {f"item-{at}": 0.5 for at in range(10) if at != 4}
    assert len(life.runtime.asked) == 1


def test_messages_that_come_twice_have_one_result(life: Life) -> None:
    """Within a batch and across batches: the model is not asked a second time."""
    answers = iter(["0.25", "0.75"])
    life.runtime.answer = lambda _: next(answers)
    first = [life.record("a", body("item-1")), life.record("b", body("item-1"))]
    assert life.run(first, [life.record("c", body("item-1"))]) == [[], []]
    assert life.predictions() == {"item-1": 0.25}
    assert len(life.runtime.asked) == 1
    assert life.metrics()["Duplicates"] == 1


def test_a_batch_comes_back_whole_when_the_model_fails_and_succeeds_later(life: Life) -> None:
    """An outage stores nothing, loses nothing and holds nothing up."""
    batch = [life.record("a", body("item-1")), life.record("b", body("item-2"))]
    life.runtime.status = 500
    assert life.run(batch) == [["a", "b"]]
    assert life.predictions() == {}
    life.runtime.status = 200
    assert life.run(batch) == [[]]
    assert life.predictions() == {"item-1": 0.5, "item-2": 0.5}


def test_an_answer_that_is_not_what_was_asked_for_fails_those_items_only(life: Life) -> None:
    """The item without a number comes back with the reason, the others are stored; then it is asked about alone."""
    answers = iter(["0.25\nsorry\n0.75", "0.5"])
    life.runtime.answer = lambda _: next(answers)
    batch = [life.record(f"receipt-{at}", body(f"item-{at}")) for at in range(3)]
    assert life.run(batch, batch) == [["receipt-1"], []]
    assert life.predictions() == {"item-0": 0.25, "item-1": 0.5, "item-2": 0.75}
    assert [line["reason"] for line in life.said("message is put back")] == ["the prediction is not a finite number"]
    assert len(life.runtime.asked[1][2].splitlines()) == 1


def receive(life: Life, body_: str) -> dict[str, Any]:
    """Send a message and receive it, as Lambda's poller does."""
    life.sqs.send_message(QueueUrl=life.queue, MessageBody=body_)
    (message,) = life.sqs.receive_message(QueueUrl=life.queue, AttributeNames=["All"])["Messages"]
    return life.record(
        message["MessageId"],
        message["Body"],
        receiptHandle=message["ReceiptHandle"],
        attributes=message["Attributes"],
    )


def test_a_poison_message_is_returned_at_once(life: Life) -> None:
    """It is not hidden for the five minutes of the queue's visibility timeout, so it is soon set aside."""
    record = receive(life, "poison")
    assert "Messages" not in life.sqs.receive_message(QueueUrl=life.queue)
    assert life.run([record]) == [[record["messageId"]]]
    (again,) = life.sqs.receive_message(QueueUrl=life.queue)["Messages"]
    assert again["MessageId"] == record["messageId"]


def test_work_that_the_model_has_no_time_for_comes_back_after_a_while(life: Life) -> None:
    """In seconds: not at once, and not after the five minutes of the queue's visibility timeout."""
    life.runtime.status, life.runtime.error = 429, "ThrottlingException"
    record = receive(life, body("item-1"))
    assert life.run([record]) == [[record["messageId"]]]
    assert life.counted(life.queue, "ApproximateNumberOfMessagesNotVisible") == 1
    (again,) = life.sqs.receive_message(QueueUrl=life.queue, WaitTimeSeconds=15)["Messages"]
    (line,) = life.said("message is put back")
    assert line["reason"] == "the model answers ThrottlingException"
    life.runtime.status = 200
    assert life.run([life.record("again", again["Body"])]) == [[]]
    assert life.predictions() == {"item-1": 0.5}


def test_a_queue_that_cannot_take_a_message_back_fails_nothing_else(life: Life) -> None:
    """The good message is stored all the same, and the poison one waits for its visibility timeout."""
    gone = "arn:aws:sqs:eu-west-1:123456789012:gone"
    poison = life.record("a", "poison", receiptHandle="nobody") | {"eventSourceARN": gone}
    good = life.record("b", body("item-1"), receiptHandle="c") | {"eventSourceARN": gone}
    assert life.run([poison, good]) == [["a"]]
    assert life.predictions() == {"item-1": 0.5}
    assert life.said("messages come back later than they should")


def test_every_line_of_the_log_says_what_it_is_about(life: Life) -> None:
    """Lambda's request, the queue's message, the sender's own id, X-Ray's trace; and of poison, what is wrong."""
    poison = life.record(
        "m-1",
        "{}",
        attributes={"ApproximateReceiveCount": "2", "AWSTraceHeader": "Root=1-5759e988"},
        messageAttributes={"correlation_id": {"stringValue": "order-7", "dataType": "String"}},
    )
    life.run([poison, life.record("m-2", body("item-1"))])
    (aside,) = life.said("message is set aside")
    assert aside | {"timestamp": ""} == {
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
    (done,) = life.said("batch is done")
    assert done["correlationIds"] == ["m-2"]
    assert (done["Items"], done["Stored"], done["Poison"]) == (1, 1, 1)


def test_what_is_measured_is_in_cloudwatchs_embedded_format(life: Life) -> None:
    """Counts and times of a batch, by function."""
    life.run([life.record("a", body("item-1")), life.record("b", "poison")])
    (line,) = (line for line in life.lines if "_aws" in line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("DecoupledAI", [["Function"]])
    assert line["Function"] == "worker-1a2b3c4"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert {name for name, unit in units.items() if unit == "Milliseconds"} == {"ModelLatency", "BatchLatency"}
    measured = {name: line[name] for name in units if units[name] == "Count"}
    assert measured == {"Items": 1, "Duplicates": 0, "Poison": 1, "PutBack": 0, "Stored": 1}
    assert isinstance(line["_aws"]["Timestamp"], int)
