"""The results table, and the table of what is worked on and what is done."""

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
NOTHING: Final = "None"
TAKEN: Final = "ConditionalCheckFailed"
CONFLICT: Final = "TransactionConflict"
CONFLICTS: Final = 3
"""How often a transaction is tried again that met another one about the same item."""
BUSY: Final = "the stores are busy with the same items"
DAY: Final = 86_400

WORKING, SUBMITTED, DONE = "working", "submitted", "done"
"""What may be known of an id: somebody works on it, an endpoint that answers later has it, or it has its result."""

_TAKE: Final = "SET #s = :working, #o = :me, locked_until = :until, expires_at = :expires"
_FREE: Final = "attribute_not_exists(id) OR (#s = :working AND locked_until < :now) OR expires_at < :now"
_NAMES: Final = {"#s": "state", "#o": "owner"}


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Names of the tables, and how long: seconds that a claim holds, days that an id is remembered and a result kept.

    result_days: 0 for ever. What is done is remembered no longer than its result is kept: then it is new.
    """

    results: str
    claims: str
    claim_seconds: float
    claim_days: int
    result_days: int


class TransactionStore:
    """Two DynamoDB tables with the key `id`, written in transactions: one request takes on or finishes a whole batch.

    A batch has at most 50 items, for a transaction has at most 100 writes.
    """

    def __init__(
        self, client: DynamoDBClient, tables: Tables, owner: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._client, self._tables, self._owner, self._clock = client, tables, owner, clock

    def claim(self, ids: Sequence[str]) -> Claim:
        """Take ids on, unless they are done or somebody else's. Raises UnavailableError."""
        found, wanted = Claim(), list(ids)
        while wanted:
            reasons = self._write([self._take(id_) for id_ in wanted])
            if not reasons:
                found.mine.extend(wanted)
                break
            for id_, reason in zip(wanted, reasons, strict=True):
                if reason.get("Code") == TAKEN and _state(reason) in (DONE, SUBMITTED):
                    continue
                if reason.get("Code") in (TAKEN, CONFLICT):
                    found.busy.append(id_)
            wanted = [id_ for id_, reason in zip(wanted, reasons, strict=True) if reason.get("Code") == NOTHING]
        return found

    def keep(self, results: Sequence[Result]) -> None:
        """Store results, each unless its id has one, and mark the ids as done, all at once. Raises UnavailableError."""
        new = {result.id: result for result in results}
        done = [self._finish(id_) for id_ in new]
        for _ in range(len(new) + CONFLICTS):
            reasons = self._write([*map(self._put, new.values()), *done])
            if not reasons:
                return
            had = [id_ for id_, reason in zip(new, reasons, strict=False) if reason.get("Code") == TAKEN]
            for id_ in had:
                del new[id_]
        raise UnavailableError(BUSY)

    def submitted(self, ids: Sequence[str]) -> None:
        """Mark ids as handed to an endpoint that answers later, unless it has answered. Raises UnavailableError."""
        self._until_written(ids, self._hand_over)

    def release(self, ids: Sequence[str]) -> list[str]:
        """Let go of what this owner has and has not finished; gives these ids. Raises UnavailableError."""
        return self._until_written(ids, self._free)

    def let_go(self, ids: Sequence[str]) -> None:
        """Release without insisting: a claim that stays runs out by itself."""
        with suppress(UnavailableError):
            self.release(ids)

    def _until_written(self, ids: Sequence[str], operation: Callable[[str], dict[str, Any]]) -> list[str]:
        """Write for all ids whose condition holds; gives these. One that another transaction is about may be one."""
        wanted = list(ids)
        for _ in range(len(wanted) + CONFLICTS):
            reasons = self._write([operation(id_) for id_ in wanted]) if wanted else []
            if not reasons:
                return wanted
            wanted = [id_ for id_, reason in zip(wanted, reasons, strict=True) if reason.get("Code") != TAKEN]
        raise UnavailableError(BUSY)

    def _free(self, id_: str) -> dict[str, Any]:
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

    def _hand_over(self, id_: str) -> dict[str, Any]:
        """`locked_until` is 0 when the answer was a failure and is back already: then the next delivery takes it on."""
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

    def _take(self, id_: str) -> dict[str, Any]:
        now = self._clock()
        return {
            "Update": {
                "TableName": self._tables.claims,
                "Key": {"id": {"S": id_}},
                "UpdateExpression": _TAKE,
                "ConditionExpression": _FREE,
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

    def _finish(self, id_: str) -> dict[str, Any]:
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

    def _put(self, result: Result) -> dict[str, Any]:
        """DynamoDB deletes what has expired some days late: until then it counts as gone."""
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
        """Write all or nothing. Nothing: the reasons, one an operation. Raises UnavailableError for other causes."""
        try:
            self._client.transact_write_items(TransactItems=operations)  # type: ignore[arg-type] # built above
        except ClientError as error:
            code = error.response["Error"]["Code"]
            reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment] # of this operation only
            if (
                code == CANCELLED
                and any(reason.get("Code") != NOTHING for reason in reasons)
                and {reason.get("Code") for reason in reasons} <= {NOTHING, TAKEN, CONFLICT}
            ):
                return reasons
            raise UnavailableError(f"the stores answer {_code(code, reasons)}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"the stores do not answer: {error}") from error
        return []


def _state(reason: dict[str, Any]) -> str:
    """What the table knows of an id whose claim was refused."""
    return str(reason.get("Item", {}).get("state", {}).get("S", ""))


def _code(code: str, reasons: Sequence[dict[str, Any]]) -> str:
    """The cause of a cancelled transaction, which is one operation's."""
    return next((str(one["Code"]) for one in reasons if one.get("Code") not in (NOTHING, TAKEN, CONFLICT)), code)
