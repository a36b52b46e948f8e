"""Concurrent transactions on the same items: DynamoDB cancels all but one, and no write is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from messages import Result, UnavailableError

from tests.lambda_src.worker.store_fixtures import Clock, scan, store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST = Result("item-000001", 0.25, "model", "2026-01-02T03:04:05+00:00")

pytestmark = pytest.mark.usefixtures("credentials")


class Cancelled:
    """Cancels one transaction after the other with these reasons, then accepts the next."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.requests = list(answers), 0

    def transact_write_items(self, *, TransactItems: list[Any]) -> None:  # noqa: N803, ARG002 - AWS's names
        """Cancel as DynamoDB does."""
        self.requests += 1
        if self.answers:
            reasons = [{"Code": code} for code in self.answers.pop(0)]
            error: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(error, "TransactWriteItems")


def test_items_in_a_conflicting_transaction_are_busy(clock: Clock) -> None:
    """DynamoDB cancels the second of two concurrent transactions."""
    claimed = store(Cancelled(["TransactionConflict", "None"]), clock).claim(["a", "b"])
    assert (claimed.mine, claimed.busy) == (["b"], ["a"])


def test_storing_results_is_retried_on_conflicts(clock: Clock) -> None:
    """A few times; then the batch fails."""
    twice = Cancelled(*[["TransactionConflict", "None"]] * 2)
    store(twice, clock).save([FIRST])
    assert twice.requests == 3
    with pytest.raises(UnavailableError, match="busy with the same items"):
        store(Cancelled(*[["TransactionConflict", "None"]] * 9), clock).save([FIRST])


def test_release_succeeds_despite_a_concurrent_claim(client: DynamoDBClient, clock: Clock) -> None:
    """A duplicate delivery must not keep an item from being released: nobody else would release it."""

    class ConflictingClient:
        """DynamoDB whose first transaction runs at the same time as another one on the first item."""

        conflicted = False

        def transact_write_items(self, *, TransactItems: list[Any]) -> None:  # noqa: N803 - AWS's names
            if self.conflicted:
                client.transact_write_items(TransactItems=TransactItems)
            else:
                self.conflicted = True
                assert store(client, clock, "other").claim(["a"]).mine == []
                Cancelled(["TransactionConflict", *["None"] * (len(TransactItems) - 1)]).transact_write_items(
                    TransactItems=TransactItems
                )

    store(client, clock).claim(["a", "b"])
    store(ConflictingClient(), clock).mark_submitted(["a", "b"])
    assert {claim["state"] for claim in scan(client, "claims").values()} == {"submitted"}
    assert store(ConflictingClient(), clock).release(["a", "b"]) == ["a", "b"]
    assert store(client, clock, "other").claim(["a", "b"]).mine == ["a", "b"]


def test_release_is_retried_on_conflicts(clock: Clock) -> None:
    """A few times; then the notification fails and is retried. Ids of other owners are left out."""
    mixed = Cancelled(["TransactionConflict", "None", "ConditionalCheckFailed"], ["None", "TransactionConflict"])
    assert store(mixed, clock).release(["a", "b", "theirs"]) == ["a", "b"]
    assert mixed.requests == 3
    assert store(Cancelled(["ConditionalCheckFailed"]), clock).release(["theirs"]) == []
    for operation in ("release", "mark_submitted"):
        with pytest.raises(UnavailableError, match="busy with the same items"):
            getattr(store(Cancelled(*[["TransactionConflict"]] * 9), clock), operation)(["a"])


def test_throttling_within_a_transaction_is_unavailable(clock: Clock) -> None:
    """The error code is only in the cancellation reasons."""
    throttled = [["None", "ThrottlingError"], ["ThrottlingError"]]
    with pytest.raises(UnavailableError, match="ThrottlingError"):
        store(Cancelled(*throttled), clock).save([FIRST])
    with pytest.raises(UnavailableError, match="ThrottlingError"):
        store(Cancelled(throttled[1]), clock).claim(["a"])
