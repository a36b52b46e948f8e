"""The store, against moto's DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from messages import Result, UnavailableError

from tests.lambda_src.worker.store_fixtures import Clock, scan, store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST = Result("item-000001", 0.25, "model", "2026-01-02T03:04:05+00:00")
DAY = 86_400


pytestmark = pytest.mark.usefixtures("credentials")


def test_the_format_of_a_stored_result(client: DynamoDBClient, clock: Clock) -> None:
    """The prediction is a number, all else is text; the id is marked as done."""
    store(client, clock).save([FIRST])
    assert client.scan(TableName="results")["Items"] == [
        {
            "id": {"S": "item-000001"},
            "prediction": {"N": "0.25"},
            "endpoint": {"S": "model"},
            "processed_at": {"S": "2026-01-02T03:04:05+00:00"},
        }
    ]
    assert scan(client, "claims")["item-000001"]["state"] == "done"


def test_results_and_ids_expire(client: DynamoDBClient, clock: Clock) -> None:
    """A result after its days; the id at the same time, and after 30 days at the latest."""
    for days, remembered in ((0, 30), (7, 7), (365, 30)):
        result = Result(f"kept-{days}", 0.25, "model", "now")
        store(client, clock, result_days=days).save([result])
        ends = str(1_700_000_000 + days * DAY) if days else None
        assert scan(client, "results")[result.id].get("expires_at") == ends
        assert scan(client, "claims")[result.id]["expires_at"] == str(1_700_000_000 + remembered * DAY)


def test_an_existing_result_is_not_overwritten(client: DynamoDBClient, clock: Clock) -> None:
    """The other results of the batch are stored, and all ids are done."""
    store(client, clock).save([FIRST])
    later = [Result(id_, 0.75, "model", "later") for id_ in ("a", FIRST.id, "b")]
    store(client, clock, "other").save(later)
    kept = {id_: result["prediction"] for id_, result in scan(client, "results").items()}
    assert kept == {"a": "0.75", FIRST.id: "0.25", "b": "0.75"}
    assert {claim["state"] for claim in scan(client, "claims").values()} == {"done"}


@pytest.mark.parametrize("prediction", [0.0, 1e-7, -1.5e30, 123456789.123456789, 9.9e125, 1e-130])
def test_numbers_are_stored_with_full_precision(client: DynamoDBClient, clock: Clock, prediction: float) -> None:
    """All digits and exponents, up to the limits of DynamoDB's range."""
    store(client, clock).save([Result("a", prediction, "model", "now")])
    assert float(scan(client, "results")["a"]["prediction"]) == prediction


def test_a_claim_is_exclusive_until_it_expires(client: DynamoDBClient, clock: Clock) -> None:
    """A worker that was killed blocks its items no longer than a batch may take."""
    mine, other = store(client, clock), store(client, clock, "other")
    assert mine.claim(["a", "b"]).mine == ["a", "b"]
    claimed = other.claim(["a", "c"])
    assert (claimed.mine, claimed.busy) == (["c"], ["a"])
    clock.now += 31
    assert other.claim(["a", "b"]).mine == ["a", "b"]


def test_an_expired_result_can_be_replaced(client: DynamoDBClient, clock: Clock) -> None:
    """Its id counts as new, although DynamoDB deletes expired items some days later."""
    store(client, clock, result_days=7).save([FIRST])
    clock.now += 7 * DAY + 1
    again = store(client, clock, "other", result_days=7)
    assert again.claim([FIRST.id]).mine == [FIRST.id]
    again.save([Result(FIRST.id, 0.75, "model", "later")])
    assert scan(client, "results")[FIRST.id] == {
        "prediction": "0.75",
        "endpoint": "model",
        "processed_at": "later",
        "expires_at": str(1_700_000_000 + 14 * DAY + 1),
    }


def test_a_finished_id_cannot_be_claimed(client: DynamoDBClient, clock: Clock) -> None:
    """Until it expires; then it counts as new."""
    store(client, clock).save([FIRST])
    other = store(client, clock, "other")
    claimed = other.claim([FIRST.id, "a"])
    assert (claimed.mine, claimed.busy) == (["a"], [])
    clock.now += 30 * DAY + 1
    assert other.claim([FIRST.id]).mine == [FIRST.id]


def test_a_released_id_can_be_claimed_at_once(client: DynamoDBClient, clock: Clock) -> None:
    """By any owner. Ids that are done or have another owner are not released."""
    mine, other = store(client, clock), store(client, clock, "other")
    mine.claim(["a", "done"])
    other.claim(["theirs"])
    mine.save([Result("done", 1.0, "model", "now")])
    assert mine.release(["a", "theirs", "done", "unknown"]) == ["a"]
    claimed = other.claim(["a", "done"])
    assert (claimed.mine, claimed.busy) == (["a"], [])
    assert mine.claim(["theirs"]).busy == ["theirs"]


def test_a_submitted_id_cannot_be_claimed(client: DynamoDBClient, clock: Clock) -> None:
    """For any length of time; its owner can release it if the batch fails."""
    mine, other = store(client, clock), store(client, clock, "other")
    mine.claim(["a", "b"])
    mine.mark_submitted(["a", "b"])
    clock.now += 3_600
    claimed = other.claim(["a", "b"])
    assert (claimed.mine, claimed.busy) == ([], [])
    assert other.release(["a"]) == []
    assert mine.release(["a"]) == ["a"]
    assert other.claim(["a"]).mine == ["a"]


def test_marking_as_submitted_does_not_override_an_outcome(client: DynamoDBClient, clock: Clock) -> None:
    """Finished ids stay done and released ids stay free if the batch completes before the mark."""
    mine = store(client, clock)
    mine.claim(["done", "failed", "waiting"])
    mine.save([Result("done", 1.0, "model", "now")])
    mine.release(["failed"])
    mine.mark_submitted(["done", "failed", "waiting"])
    assert {id_: claim["state"] for id_, claim in scan(client, "claims").items()} == {
        "done": "done",
        "failed": "working",
        "waiting": "submitted",
    }
    assert store(client, clock, "other").claim(["failed"]).mine == ["failed"]


def test_a_missing_table_is_unavailable(client: DynamoDBClient, clock: Clock) -> None:
    """Every message is retried until the table exists."""
    with pytest.raises(UnavailableError, match="ResourceNotFoundException"):
        store(client, clock, claims="elsewhere").claim(["a"])
    with pytest.raises(UnavailableError, match="ResourceNotFoundException"):
        store(client, clock, results="elsewhere").save([FIRST])
    assert scan(client, "claims") == {}


def test_an_unreachable_store_is_unavailable(clock: Clock) -> None:
    """A missing connection is UnavailableError; `release_quietly` ignores it."""
    nowhere = boto3.client(
        "dynamodb", endpoint_url="http://127.0.0.1:1", config=Config(retries={"total_max_attempts": 1})
    )
    with pytest.raises(UnavailableError, match="the stores do not answer"):
        store(nowhere, clock).save([FIRST])
    store(nowhere, clock).release_quietly(["a"])
