"""Transactions about the same items at the same time: DynamoDB refuses all but one, and nothing is lost by that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from messages import Result, UnavailableError

from tests.lambda_src.worker.stores import Clock, scan, store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST = Result("item-000001", 0.25, "model", "2026-01-02T03:04:05+00:00")

pytestmark = pytest.mark.usefixtures("credentials")


class Cancelling:
    """Answers every transaction with these reasons, one after the other, then takes it."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def transact_write_items(self, *, TransactItems: list[Any]) -> None:  # noqa: N803, ARG002 - AWS's names
        """Cancel as DynamoDB does."""
        self.asked += 1
        if self.answers:
            reasons = [{"Code": code} for code in self.answers.pop(0)]
            error: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(error, "TransactWriteItems")


def test_items_that_another_transaction_is_about_are_busy(clock: Clock) -> None:
    """DynamoDB refuses the second of two at the same time."""
    claimed = store(Cancelling(["TransactionConflict", "None"]), clock).claim(["a", "b"])
    assert (claimed.mine, claimed.busy) == (["b"], ["a"])


def test_results_are_tried_again_when_transactions_meet(clock: Clock) -> None:
    """A few times; then the batch comes back."""
    twice = Cancelling(*[["TransactionConflict", "None"]] * 2)
    store(twice, clock).keep([FIRST])
    assert twice.asked == 3
    with pytest.raises(UnavailableError, match="busy with the same items"):
        store(Cancelling(*[["TransactionConflict", "None"]] * 9), clock).keep([FIRST])


def test_what_another_worker_looks_at_meanwhile_is_let_go_of_all_the_same(client: DynamoDBClient, clock: Clock) -> None:
    """A duplicate delivery must not hide an item from whoever puts it back: nobody else would."""

    class Meeting:
        """DynamoDB, when another transaction about the first item runs at the same time as the first of ours."""

        met = False

        def transact_write_items(self, *, TransactItems: list[Any]) -> None:  # noqa: N803 - AWS's names
            if self.met:
                client.transact_write_items(TransactItems=TransactItems)
            else:
                self.met = True
                assert store(client, clock, "other").claim(["a"]).mine == []
                Cancelling(["TransactionConflict", *["None"] * (len(TransactItems) - 1)]).transact_write_items(
                    TransactItems=TransactItems
                )

    store(client, clock).claim(["a", "b"])
    store(Meeting(), clock).submitted(["a", "b"])
    assert {claim["state"] for claim in scan(client, "claims").values()} == {"submitted"}
    assert store(Meeting(), clock).release(["a", "b"]) == ["a", "b"]
    assert store(client, clock, "other").claim(["a", "b"]).mine == ["a", "b"]


def test_letting_go_is_tried_again_when_transactions_meet(clock: Clock) -> None:
    """A few times; then the notification comes back, and with it all of it. What is somebody else's is left out."""
    mixed = Cancelling(["TransactionConflict", "None", "ConditionalCheckFailed"], ["None", "TransactionConflict"])
    assert store(mixed, clock).release(["a", "b", "theirs"]) == ["a", "b"]
    assert mixed.asked == 3
    assert store(Cancelling(["ConditionalCheckFailed"]), clock).release(["theirs"]) == []
    for operation in ("release", "submitted"):
        with pytest.raises(UnavailableError, match="busy with the same items"):
            getattr(store(Cancelling(*[["TransactionConflict"]] * 9), clock), operation)(["a"])


def test_throttling_inside_of_a_transaction_is_an_outage(clock: Clock) -> None:
    """Its name is in the reasons only."""
    throttled = [["None", "ThrottlingError"], ["ThrottlingError"]]
    with pytest.raises(UnavailableError, match="ThrottlingError"):
        store(Cancelling(*throttled), clock).keep([FIRST])
    with pytest.raises(UnavailableError, match="ThrottlingError"):
        store(Cancelling(throttled[1]), clock).claim(["a"])
