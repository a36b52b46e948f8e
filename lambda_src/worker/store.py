"""The results table and the idempotency table."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from messages import Claim, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from messages import Result
    from mypy_boto3_dynamodb import DynamoDBClient

CANCELLED: Final = "TransactionCanceledException"
NO_FAILURE: Final = "None"
CONDITION_FAILED: Final = "ConditionalCheckFailed"
CONFLICT: Final = "TransactionConflict"
CONFLICT_RETRIES: Final = 3
"""How often a transaction that conflicted with another one on the same item is retried."""
BUSY: Final = "the stores are busy with the same items"
DAY: Final = 86_400

WORKING, SUBMITTED, DONE = "working", "submitted", "done"
"""The states of an id: claimed, submitted to an asynchronous endpoint, or stored with its result."""

_CLAIM: Final = "SET #s = :working, #o = :me, locked_until = :until, expires_at = :expires"
_IS_CLAIMABLE: Final = "attribute_not_exists(id) OR (#s = :working AND locked_until < :now) OR expires_at < :now"
_NAMES: Final = {"#s": "state", "#o": "owner"}


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Names of the tables; how long a claim lasts in seconds; how long ids and results are kept in days.

    result_days: 0 for ever. A finished id is forgotten no later than its result expires; then it counts as new.
    """

    results: str
    claims: str
    claim_seconds: float
    claim_days: int
    result_days: int


class TransactionStore:
    """Two DynamoDB tables with the key `id`. One transaction claims or finishes a whole batch.

    A batch has at most 50 items, because a transaction has at most 100 writes.
    """

    def __init__(
        self, client: DynamoDBClient, tables: Tables, owner: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._client, self._tables, self._owner, self._clock = client, tables, owner, clock

    def claim(self, ids: Sequence[str]) -> Claim:
        """Claim ids that are neither done nor claimed by another owner. Raises UnavailableError."""
        found, wanted = Claim(), list(ids)
        while wanted:
            reasons = self._write([self._claim_update(id_) for id_ in wanted])
            if not reasons:
                found.mine.extend(wanted)
                break
            for id_, reason in zip(wanted, reasons, strict=True):
                if reason.get("Code") == CONDITION_FAILED and _state(reason) in (DONE, SUBMITTED):
                    continue
                if reason.get("Code") in (CONDITION_FAILED, CONFLICT):
                    found.busy.append(id_)
            wanted = [id_ for id_, reason in zip(wanted, reasons, strict=True) if reason.get("Code") == NO_FAILURE]
        return found

    def save(self, results: Sequence[Result]) -> None:
        """Store results, each unless its id has one, and mark the ids as done, all at once. Raises UnavailableError."""
        new = {result.id: result for result in results}
        done = [self._done_update(id_) for id_ in new]
        for _ in range(len(new) + CONFLICT_RETRIES):
            reasons = self._write([*map(self._result_put, new.values()), *done])
            if not reasons:
                return
            had = [id_ for id_, reason in zip(new, reasons, strict=False) if reason.get("Code") == CONDITION_FAILED]
            for id_ in had:
                del new[id_]
        raise UnavailableError(BUSY)

    def mark_submitted(self, ids: Sequence[str]) -> None:
        """Mark ids as submitted to an asynchronous endpoint, unless finished already. Raises UnavailableError."""
        self._until_written(ids, self._submitted_update)

    def release(self, ids: Sequence[str]) -> list[str]:
        """Release this owner's claims on unfinished ids; return these ids. Raises UnavailableError."""
        return self._until_written(ids, self._release_update)

    def release_quietly(self, ids: Sequence[str]) -> None:
        """Release claims and ignore errors: a remaining claim expires by itself."""
        with suppress(UnavailableError):
            self.release(ids)

    def _until_written(self, ids: Sequence[str], operation: Callable[[str], dict[str, Any]]) -> list[str]:
        """Write all ids whose condition holds, and return them; retry on conflicts with other transactions."""
        wanted = list(ids)
        for _ in range(len(wanted) + CONFLICT_RETRIES):
            reasons = self._write([operation(id_) for id_ in wanted]) if wanted else []
            if not reasons:
                return wanted
            wanted = [
                id_ for id_, reason in zip(wanted, reasons, strict=True) if reason.get("Code") != CONDITION_FAILED
            ]
        raise UnavailableError(BUSY)

    def _release_update(self, id_: str) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._tables.claims,
                "Key": {"id": {"S": id_}},
                "UpdateExpression": "SET #s = :working, locked_until = :zero",
                "ConditionExpression": "#o = :me AND #s <> :done",
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": {
                    ":me": {"S": self._owner},
                    ":done": {"S": DONE},
                    ":working": {"S": WORKING},
                    ":zero": {"N": "0"},
                },
            }
        }

    def _submitted_update(self, id_: str) -> dict[str, Any]:
        """`locked_until` is 0 if the batch failed and was released already: then the next delivery claims the id."""
        return {
            "Update": {
                "TableName": self._tables.claims,
                "Key": {"id": {"S": id_}},
                "UpdateExpression": "SET #s = :submitted",
                "ConditionExpression": "#o = :me AND #s = :working AND locked_until > :zero",
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": {
                    ":me": {"S": self._owner},
                    ":working": {"S": WORKING},
                    ":submitted": {"S": SUBMITTED},
                    ":zero": {"N": "0"},
                },
            }
        }

    def _claim_update(self, id_: str) -> dict[str, Any]:
        now = self._clock()
        return {
            "Update": {
                "TableName": self._tables.claims,
                "Key": {"id": {"S": id_}},
                "UpdateExpression": _CLAIM,
                "ConditionExpression": _IS_CLAIMABLE,
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": {
                    ":working": {"S": WORKING},
                    ":me": {"S": self._owner},
                    ":now": {"N": repr(now)},
                    ":until": {"N": repr(now + self._tables.claim_seconds)},
                    ":expires": {"N": str(int(now) + self._tables.claim_days * DAY)},
                },
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _done_update(self, id_: str) -> dict[str, Any]:
        days = min(self._tables.claim_days, self._tables.result_days or self._tables.claim_days)
        return {
            "Update": {
                "TableName": self._tables.claims,
                "Key": {"id": {"S": id_}},
                "UpdateExpression": "SET #s = :state, expires_at = :expires",
                "ExpressionAttributeNames": {"#s": "state"},
                "ExpressionAttributeValues": {
                    ":state": {"S": DONE},
                    ":expires": {"N": str(int(self._clock()) + days * DAY)},
                },
            }
        }

    def _result_put(self, result: Result) -> dict[str, Any]:
        """DynamoDB deletes expired items up to some days late; until then they count as deleted."""
        now = self._clock()
        item = {
            "id": {"S": result.id},
            "prediction": {"N": repr(result.prediction)},
            "endpoint": {"S": result.endpoint},
            "processed_at": {"S": result.processed_at},
        }
        if self._tables.result_days:
            item["expires_at"] = {"N": str(int(now) + self._tables.result_days * DAY)}
        return {
            "Put": {
                "TableName": self._tables.results,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(id) OR expires_at < :now",
                "ExpressionAttributeValues": {":now": {"N": repr(now)}},
            }
        }

    def _write(self, operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Write all or nothing; return the cancellation reasons by operation. Raises UnavailableError for others."""
        try:
            self._client.transact_write_items(TransactItems=operations)  # type: ignore[arg-type] # built above
        except ClientError as error:
            code = error.response["Error"]["Code"]
            reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment] # of this operation only
            if (
                code == CANCELLED
                and any(reason.get("Code") != NO_FAILURE for reason in reasons)
                and {reason.get("Code") for reason in reasons} <= {NO_FAILURE, CONDITION_FAILED, CONFLICT}
            ):
                return reasons
            raise UnavailableError(f"the stores answer {_code(code, reasons)}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"the stores do not answer: {error}") from error
        return []


def _state(reason: dict[str, Any]) -> str:
    """The state of an id whose claim was refused."""
    return str(reason.get("Item", {}).get("state", {}).get("S", ""))


def _code(code: str, reasons: Sequence[dict[str, Any]]) -> str:
    """The error code of the operation that cancelled the transaction."""
    return next(
        (str(one["Code"]) for one in reasons if one.get("Code") not in (NO_FAILURE, CONDITION_FAILED, CONFLICT)), code
    )
