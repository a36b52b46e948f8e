"""A store, its clock and its tables, for the tests of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store import Tables, TransactionStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Clock:
    """A clock that tests advance by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        """The current time."""
        return self.now


def store(client: Any, clock: Clock, owner: str = "me", **changed: Any) -> TransactionStore:
    """A store for one owner, whose claims last 30 s."""
    given: dict[str, Any] = {
        "results": "results",
        "claims": "claims",
        "claim_seconds": 30.0,
        "claim_days": 30,
        "result_days": 0,
    }
    return TransactionStore(client, Tables(**(given | changed)), owner, clock)


def scan(client: DynamoDBClient, table: str) -> dict[str, dict[str, str]]:
    """The content of a table by id, without DynamoDB's type descriptors."""
    items = client.scan(TableName=table)["Items"]
    return {
        item["id"]["S"]: {key: next(iter(value.values())) for key, value in item.items() if key != "id"}  # type: ignore[misc] # text only
        for item in items
    }
