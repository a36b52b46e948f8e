"""The tables, against moto's DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from messages import Result, UnavailableError

from tests.lambda_src.worker.stores import Clock, scan, store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST = Result("item-000001", 0.25, "model", "2026-01-02T03:04:05+00:00")
DAY = 86_400


pytestmark = pytest.mark.usefixtures("credentials")


def test_a_result_is_stored_as_its_readers_expect_it(client: DynamoDBClient, clock: Clock) -> None:
    """The prediction is a number, everything else text; its id is done."""
    store(client, clock).keep([FIRST])
    assert client.scan(TableName="results")["Items"] == [
        {
            "id": {"S": "item-000001"},
            "prediction": {"N": "0.25"},
            "endpoint": {"S": "model"},
            "processed_at": {"S": "2026-01-02T03:04:05+00:00"},
        }
    ]
    assert scan(client, "claims")["item-000001"]["state"] == "done"


def test_a_result_ends_where_it_is_told_to(client: DynamoDBClient, clock: Clock) -> None:
    """After so many days DynamoDB deletes it; what is done is forgotten with it, and after 30 days at the latest."""
    for days, remembered in ((0, 30), (7, 7), (365, 30)):
        result = Result(f"kept-{days}", 0.25, "model", "now")
        store(client, clock, result_days=days).keep([result])
        ends = str(1_700_000_000 + days * DAY) if days else None
        assert scan(client, "results")[result.id].get("expires_at") == ends
        assert scan(client, "claims")[result.id]["expires_at"] == str(1_700_000_000 + remembered * DAY)


def test_the_second_result_of_an_item_is_dropped_and_the_others_are_kept(client: DynamoDBClient, clock: Clock) -> None:
    """All of a batch is done, and nothing that was there is overwritten."""
    store(client, clock).keep([FIRST])
    later = [Result(id_, 0.75, "model", "later") for id_ in ("a", FIRST.id, "b")]
    store(client, clock, "other").keep(later)
    kept = {id_: result["prediction"] for id_, result in scan(client, "results").items()}
    assert kept == {"a": "0.75", FIRST.id: "0.25", "b": "0.75"}
    assert {claim["state"] for claim in scan(client, "claims").values()} == {"done"}


@pytest.mark.parametrize("prediction", [0.0, 1e-7, -1.5e30, 123456789.123456789, 9.9e125, 1e-130])
def test_numbers_come_back_as_they_were(client: DynamoDBClient, clock: Clock, prediction: float) -> None:
    """Exponents and all digits are kept, to the ends of DynamoDB's range."""
    store(client, clock).keep([Result("a", prediction, "model", "now")])
    assert float(scan(client, "results")["a"]["prediction"]) == prediction


def test_what_is_claimed_is_nobody_elses_until_the_claim_runs_out(client: DynamoDBClient, clock: Clock) -> None:
    """A worker that was killed holds nothing up for longer than a batch may last."""
    mine, other = store(client, clock), store(client, clock, "other")
    assert mine.claim(["a", "b"]).mine == ["a", "b"]
    claimed = other.claim(["a", "c"])
    assert (claimed.mine, claimed.busy) == (["c"], ["a"])
    clock.now += 31
    assert other.claim(["a", "b"]).mine == ["a", "b"]


def test_a_result_that_has_ended_makes_room_for_another(client: DynamoDBClient, clock: Clock) -> None:
    """Its id is new by then, though DynamoDB deletes what has ended some days later."""
    store(client, clock, result_days=7).keep([FIRST])
    clock.now += 7 * DAY + 1
    again = store(client, clock, "other", result_days=7)
    assert again.claim([FIRST.id]).mine == [FIRST.id]
    again.keep([Result(FIRST.id, 0.75, "model", "later")])
    assert scan(client, "results")[FIRST.id] == {
        "prediction": "0.75",
        "endpoint": "model",
        "processed_at": "later",
        "expires_at": str(1_700_000_000 + 14 * DAY + 1),
    }


def test_what_is_done_is_neither_mine_nor_anybodys(client: DynamoDBClient, clock: Clock) -> None:
    """Until it is forgotten; then it is new, but for a result that is still there."""
    store(client, clock).keep([FIRST])
    other = store(client, clock, "other")
    claimed = other.claim([FIRST.id, "a"])
    assert (claimed.mine, claimed.busy) == (["a"], [])
    clock.now += 30 * DAY + 1
    assert other.claim([FIRST.id]).mine == [FIRST.id]


def test_what_is_let_go_of_can_be_claimed_at_once(client: DynamoDBClient, clock: Clock) -> None:
    """By anybody; what is somebody else's or done is left alone."""
    mine, other = store(client, clock), store(client, clock, "other")
    mine.claim(["a", "done"])
    other.claim(["theirs"])
    mine.keep([Result("done", 1.0, "model", "now")])
    assert mine.release(["a", "theirs", "done", "unknown"]) == ["a"]
    claimed = other.claim(["a", "done"])
    assert (claimed.mine, claimed.busy) == (["a"], [])
    assert mine.claim(["theirs"]).busy == ["theirs"]


def test_what_was_handed_to_a_model_that_answers_later_is_as_good_as_done(client: DynamoDBClient, clock: Clock) -> None:
    """However long that takes; and its owner can let go of it, when the answer is a failure."""
    mine, other = store(client, clock), store(client, clock, "other")
    mine.claim(["a", "b"])
    mine.submitted(["a", "b"])
    clock.now += 3_600
    claimed = other.claim(["a", "b"])
    assert (claimed.mine, claimed.busy) == ([], [])
    assert other.release(["a"]) == []
    assert mine.release(["a"]) == ["a"]
    assert other.claim(["a"]).mine == ["a"]


def test_an_answer_that_is_back_before_the_handing_over_is_marked_counts(client: DynamoDBClient, clock: Clock) -> None:
    """Results stay done, failures stay free: the late mark changes neither."""
    mine = store(client, clock)
    mine.claim(["done", "failed", "waiting"])
    mine.keep([Result("done", 1.0, "model", "now")])
    mine.release(["failed"])
    mine.submitted(["done", "failed", "waiting"])
    assert {id_: claim["state"] for id_, claim in scan(client, "claims").items()} == {
        "done": "done",
        "failed": "working",
        "waiting": "submitted",
    }
    assert store(client, clock, "other").claim(["failed"]).mine == ["failed"]


def test_a_table_that_is_not_there_is_an_outage(client: DynamoDBClient, clock: Clock) -> None:
    """Every message waits until somebody brings the table back."""
    with pytest.raises(UnavailableError, match="ResourceNotFoundException"):
        store(client, clock, claims="elsewhere").claim(["a"])
    with pytest.raises(UnavailableError, match="ResourceNotFoundException"):
        store(client, clock, results="elsewhere").keep([FIRST])
    assert scan(client, "claims") == {}


def test_a_store_that_cannot_be_reached_is_an_outage(clock: Clock) -> None:
    """No connection, no result, no crash; letting go is not insisted on."""
    nowhere = boto3.client(
        "dynamodb", endpoint_url="http://127.0.0.1:1", config=Config(retries={"total_max_attempts": 1})
    )
    with pytest.raises(UnavailableError, match="the stores do not answer"):
        store(nowhere, clock).keep([FIRST])
    store(nowhere, clock).let_go(["a"])
