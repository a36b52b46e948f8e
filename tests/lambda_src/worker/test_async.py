"""The worker and the collector for an endpoint that answers later, over real HTTP to S3, DynamoDB and SQS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from answers import Notification
from hypothesis import given
from hypothesis import strategies as st
from messages import InvalidMessageError

from tests.lambda_src.worker.life import Life, body

if TYPE_CHECKING:
    from tests.lambda_src.worker.conftest import FakeRuntime


@pytest.fixture
def life(cloud: str, runtime: FakeRuntime) -> Life:
    """A worker and a collector with nothing done yet, and a model that takes whatever it is given."""
    runtime.answer = lambda _: json.dumps({"InferenceId": "any", "OutputLocation": "any"})
    runtime.status = 202
    return Life(cloud, runtime)


def submit(life: Life, *records: dict[str, Any]) -> list[str]:
    """Run the worker; give the receipts that failed."""
    (failed,) = life.run(list(records), module="submit")
    return failed


def batch(life: Life) -> str:
    """The id of the batch that was handed in last."""
    return life.runtime.headers[-1]["x-amzn-sagemaker-inference-id"]


def told(life: Life, id_: str, **changed: Any) -> dict[str, Any]:
    """What SageMaker tells of a batch that is done."""
    return {
        "awsRegion": "eu-west-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": "text/csv",
            "endpointName": "forecast",
            "inputLocation": f"s3://{life.name}/input/{id_}.csv",
        },
        "responseParameters": {"contentType": "text/csv", "outputLocation": f"s3://{life.name}/output/{id_}.out"},
        "inferenceId": id_,
        "eventName": "InferenceResult",
    } | changed


def collect(life: Life, notification: dict[str, Any], answer: str | None = None) -> list[str]:
    """Run the collector on a notification, after the model has written its answer; give the receipts that failed."""
    if answer is not None:
        key = notification["responseParameters"]["outputLocation"].partition(f"{life.name}/")[2]
        life.s3.put_object(Bucket=life.name, Key=key, Body=answer.encode())
    (failed,) = life.run([life.record("n-1", json.dumps(notification))], module="collect")
    return failed


def waiting(life: Life, url: str) -> list[dict[str, Any]]:
    """The messages of a queue, after the few seconds that the first delay lasts."""
    found = life.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=10
    )
    return [dict(message) for message in found.get("Messages", [])]


def test_a_batch_is_handed_in_once_and_stored_when_it_is_answered(life: Life) -> None:
    """The rows are the model's to read; whose they are lies beside them; poison stays behind."""
    records = [life.record("a", body("item-1")), life.record("p", "{"), life.record("b", body("item-2", (9, 8, 7, 6)))]
    assert submit(life, *records) == ["p"]
    id_ = batch(life)
    ((path, _, _),) = life.runtime.asked
    headers = life.runtime.headers[0]
    assert (path, headers["x-amzn-sagemaker-content-type"]) == ("/endpoints/forecast/async-invocations", "text/csv")
    assert headers["x-amzn-sagemaker-inputlocation"] == f"s3://{life.name}/input/{id_}.csv"
    rows = life.s3.get_object(Bucket=life.name, Key=f"input/{id_}.csv")["Body"].read()
    assert rows == b"1.0,2.0,3.0,4.0\n9.0,8.0,7.0,6.0"
    assert life.claims() == {"item-1": "submitted", "item-2": "submitted"}
    assert life.predictions() == {}
    assert collect(life, told(life, id_), "0.25\n0.75\n") == []
    assert life.predictions() == {"item-1": 0.25, "item-2": 0.75}
    assert life.claims() == {"item-1": "done", "item-2": "done"}


def test_what_is_handed_in_is_not_handed_in_again(life: Life) -> None:
    """Neither before nor after it is answered; and an answer that is told of twice counts once."""
    assert submit(life, life.record("a", body("item-1"))) == []
    id_ = batch(life)
    assert submit(life, life.record("b", body("item-1"))) == []
    assert len(life.runtime.asked) == 1
    assert collect(life, told(life, id_), "0.25") == []
    assert collect(life, told(life, id_), "0.75") == []
    assert submit(life, life.record("c", body("item-1"))) == []
    assert life.predictions() == {"item-1": 0.25}
    assert len(life.runtime.asked) == 1


def test_a_model_that_takes_no_batch_holds_nothing_up(life: Life) -> None:
    """The messages come back, and the next delivery hands them in."""
    life.runtime.status = 429
    life.runtime.error = "ThrottlingException"
    assert submit(life, life.record("a", body("item-1"))) == ["a"]
    life.runtime.status = 202
    assert submit(life, life.record("a", body("item-1"))) == []
    assert life.claims() == {"item-1": "submitted"}


def test_a_batch_that_the_model_failed_at_is_work_again(life: Life) -> None:
    """With what it was, how often it was tried, and the sender's id for it; it can be taken on at once."""
    attributes = {"correlation_id": {"stringValue": "order-7", "dataType": "String"}}
    submit(life, life.record("a", body("item-1"), messageAttributes=attributes))
    notification = told(life, batch(life), invocationStatus="Failed", responseParameters=None)
    assert collect(life, notification | {"failureReason": "out of memory"}) == []
    (message,) = waiting(life, life.queue)
    assert json.loads(message["Body"]) == {"id": "item-1", "features": [1.0, 2.0, 3.0, 4.0]}
    assert message["MessageAttributes"]["attempt"]["StringValue"] == "1"
    assert message["MessageAttributes"]["correlation_id"]["StringValue"] == "order-7"
    (line,) = life.said("item is put back")
    assert (line["id"], line["reason"], line["correlationId"]) == ("item-1", "out of memory", "order-7")
    again = {"attempt": {"stringValue": "1", "dataType": "Number"}}
    assert submit(life, life.record("b", message["Body"], messageAttributes=again)) == []
    assert collect(life, told(life, batch(life)), "0.5") == []
    assert life.predictions() == {"item-1": 0.5}


def test_an_answer_that_is_not_what_was_asked_for_fails_those_items_only(life: Life) -> None:
    """The one without a number is work again, the others are stored."""
    submit(life, *(life.record(f"r-{at}", body(f"item-{at}")) for at in range(3)))
    assert collect(life, told(life, batch(life)), "0.25\nerror\n0.75") == []
    assert life.predictions() == {"item-0": 0.25, "item-2": 0.75}
    (message,) = waiting(life, life.queue)
    assert json.loads(message["Body"])["id"] == "item-1"


def test_work_that_fails_too_often_is_set_aside(life: Life) -> None:
    """As often as the queue itself would deliver it; from there it can be redriven."""
    last = {"attempt": {"stringValue": "9", "dataType": "Number"}}
    submit(life, life.record("a", body("item-1"), messageAttributes=last))
    assert collect(life, told(life, batch(life), invocationStatus="Failed")) == []
    (message,) = waiting(life, life.aside)
    assert json.loads(message["Body"])["id"] == "item-1"
    assert life.claims() == {"item-1": "working"}  # until nobody's time: whoever redrives it is not turned away
    assert submit(life, life.record("b", message["Body"])) == []


def test_a_batch_that_was_put_back_is_not_put_back_again(life: Life) -> None:
    """The notification comes twice, but by then the items are somebody else's."""
    submit(life, life.record("a", body("item-1")))
    failed = told(life, batch(life), invocationStatus="Failed")
    assert collect(life, failed) == []
    (message,) = waiting(life, life.queue)
    submit(life, life.record("b", message["Body"]))
    assert collect(life, failed) == []
    assert life.counted(life.queue, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed") == 0
    assert life.claims() == {"item-1": "submitted"}


def test_an_answer_that_cannot_be_read_waits(life: Life) -> None:
    """The notification comes back until it can."""
    submit(life, life.record("a", body("item-1")))
    assert collect(life, told(life, batch(life))) == ["n-1"]
    assert collect(life, told(life, batch(life)), "0.5") == []
    assert life.predictions() == {"item-1": 0.5}


INPUT = "s3://bucket/input/1.csv"
GOOD = {
    "invocationStatus": "Completed",
    "requestParameters": {"inputLocation": INPUT},
    "responseParameters": {"outputLocation": "s3://bucket/output/1.out"},
}


def test_a_notification_says_which_batch_and_where_its_answer_is() -> None:
    """Or why there is none."""
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
def test_what_is_told_of_something_else_is_refused(changed: dict[str, Any], reason: str) -> None:
    """Whoever may publish to the topic cannot make the collector read elsewhere."""
    with pytest.raises(InvalidMessageError, match=reason):
        Notification.of(json.dumps(GOOD | changed), "bucket")


@given(st.text() | st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner)).map(json.dumps))
def test_any_message_is_a_notification_or_refused(body_: str) -> None:
    """Nothing that arrives can take the collector down."""
    with pytest.raises(InvalidMessageError):
        Notification.of(body_, "bucket")
