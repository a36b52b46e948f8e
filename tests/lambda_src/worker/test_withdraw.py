"""What the collector takes back before an endpoint that answers later is deleted, and what it forgets before that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from answers import Answers

from tests.lambda_src.worker.life import Life, body
from tests.lambda_src.worker.test_async import batch, collect, submit, told, waiting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.lambda_src.worker.conftest import FakeRuntime

DELETE = {"deployment": {"action": "delete", "prev_input": {}}}


@pytest.fixture
def life(cloud: str, runtime: FakeRuntime) -> Life:
    """A worker and a collector with nothing done yet, and a model that takes whatever it is given."""
    runtime.answer = lambda _: json.dumps({"InferenceId": "any", "OutputLocation": "any"})
    runtime.status = 202
    return Life(cloud, runtime)


def manifests(life: Life) -> list[str]:
    """What lies in the bucket of batches that are not settled."""
    found = life.s3.list_objects_v2(Bucket=life.name, Prefix="batches/").get("Contents", [])
    return [each["Key"] for each in found]


def test_what_is_not_answered_is_work_again_and_once(life: Life) -> None:
    """At once, as it came: it was not tried in vain. Whoever comes next can take it on."""
    attributes = {
        "correlation_id": {"stringValue": "order-7", "dataType": "String"},
        "attempt": {"stringValue": "9", "dataType": "Number"},
    }
    submit(life, life.record("a", body("item-1")))
    answered = batch(life)
    submit(life, life.record("b", body("item-2"), messageAttributes=attributes))
    collect(life, told(life, answered), "0.25")
    assert life.tell(DELETE) == {"batches": 1}
    (message,) = waiting(life, life.queue)
    assert json.loads(message["Body"])["id"] == "item-2"
    assert message["MessageAttributes"]["correlation_id"]["StringValue"] == "order-7"
    assert message["MessageAttributes"]["attempt"]["StringValue"] == "9"
    (line,) = life.said("item is taken back")
    assert (line["id"], line["correlationId"]) == ("item-2", "order-7")
    assert life.claims() == {"item-1": "done", "item-2": "working"}
    assert life.tell(DELETE) == {"batches": 0}
    assert life.counted(life.queue, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed") == 0
    assert submit(life, life.record("c", message["Body"])) == []
    assert life.claims() == {"item-1": "done", "item-2": "submitted"}


def test_an_answer_that_comes_after_all_changes_nothing(life: Life) -> None:
    """The batch is settled; its items are somebody else's."""
    submit(life, life.record("a", body("item-1")))
    late = batch(life)
    life.tell(DELETE)
    (message,) = waiting(life, life.queue)
    submit(life, life.record("b", message["Body"]))
    assert collect(life, told(life, late), "0.25") == []
    assert life.predictions() == {}
    assert collect(life, told(life, batch(life)), "0.75") == []
    assert life.predictions() == {"item-1": 0.75}


def test_a_batch_is_kept_until_it_is_settled(life: Life) -> None:
    """Whether the model answered it or failed at it; as long as the answer cannot be read it stays."""
    submit(life, life.record("a", body("item-1")))
    assert manifests(life) == [f"batches/{batch(life)}.json"]
    assert collect(life, told(life, batch(life))) == ["n-1"]
    assert manifests(life) == [f"batches/{batch(life)}.json"]
    assert collect(life, told(life, batch(life)), "0.5") == []
    assert manifests(life) == []
    submit(life, life.record("b", body("item-2")))
    assert collect(life, told(life, batch(life), invocationStatus="Failed")) == []
    assert manifests(life) == []


def test_more_batches_than_one_page_lists_are_all_found() -> None:
    """S3 lists a thousand objects at a time, and says where to go on."""
    pages = {
        "": {"Contents": [{"Key": "batches/1.json"}], "NextContinuationToken": "on"},
        "on": {"Contents": [{"Key": "batches/2.json"}]},
    }

    class Bucket:
        def list_objects_v2(self, *, ContinuationToken: str = "", **_: str) -> Any:  # noqa: N803 - AWS's name
            return pages[ContinuationToken]

    assert list(Answers(cast("S3Client", Bucket()), "bucket").open()) == ["1", "2"]


def test_batches_of_another_endpoint_stay(life: Life) -> None:
    """Where one takes over from another, the new one has work already."""
    submit(life, life.record("a", body("item-1")))
    assert life.tell({"endpoint": "the-one-before", **DELETE}) == {"batches": 1}
    assert life.claims() == {"item-1": "submitted"}
    assert manifests(life) == [f"batches/{batch(life)}.json"]
    assert life.tell({"endpoint": "forecast", **DELETE}) == {"batches": 1}
    assert life.claims() == {"item-1": "working"}
    assert manifests(life) == []


@pytest.mark.parametrize("action", ["create", "update"])
def test_a_deployment_takes_nothing_back(life: Life, action: str) -> None:
    """The endpoint stays."""
    submit(life, life.record("a", body("item-1")))
    assert life.tell({"deployment": {"action": action, "prev_input": None}}) == {"batches": 0}
    assert life.claims() == {"item-1": "submitted"}
    assert manifests(life) == [f"batches/{batch(life)}.json"]


def test_a_queue_that_takes_nothing_stops_the_deletion(life: Life) -> None:
    """The batch stays, and the next deployment takes it back."""
    submit(life, life.record("a", body("item-1")))
    life.sqs.delete_queue(QueueUrl=life.queue)
    with pytest.raises(AssertionError, match="the queue does not take work back"):
        life.tell(DELETE)
    assert manifests(life) == [f"batches/{batch(life)}.json"]
