"""Changes to ministack's DynamoDB."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions
from ministack.core.responses import error_response_json, json_response
from ministack.services import dynamodb

from localcloud.aws.patching import private, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

tables = private(dynamodb, "_tables")
recovery = private(dynamodb, "_pitr_settings")
table_name = private(dynamodb, "_normalize_table_name")

DEFAULT_DAYS: Final = 35
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html."""

Answer = tuple[int, dict[str, str], bytes]


def apply() -> None:
    """Apply the changes."""
    _recovery_period()
    _leading_keys()


def _recovery_period() -> None:
    """Ministack drops RecoveryPeriodInDays; this stores the days in place of the flag."""

    def described(data: dict[str, Any]) -> Answer:
        name = table_name(data.get("TableName"))
        if name not in tables:
            missing: Answer = error_response_json("TableNotFoundException", f"Table not found: {name}", 400)
            return missing
        days, now = recovery.get(name), int(time.time())
        found: dict[str, Any] = {"PointInTimeRecoveryStatus": "ENABLED" if days else "DISABLED"}
        if days:
            created = int(tables[name].get("CreationDateTime", now))
            found |= {"RecoveryPeriodInDays": int(days), "LatestRestorableDateTime": now}
            found |= {"EarliestRestorableDateTime": max(created, now - int(days) * 86_400)}
        backups = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": found}
        answer: Answer = json_response({"ContinuousBackupsDescription": backups})
        return answer

    def updated(data: dict[str, Any]) -> Answer:
        wanted = data.get("PointInTimeRecoverySpecification") or {}
        if table_name(data.get("TableName")) in tables:
            days = wanted.get("RecoveryPeriodInDays", DEFAULT_DAYS)
            recovery[table_name(data["TableName"])] = days if wanted.get("PointInTimeRecoveryEnabled") else 0
        return described(data)

    replace(dynamodb, "_describe_continuous_backups", described)
    replace(dynamodb, "_update_continuous_backups", updated)


def _leading_keys() -> None:
    """Ministack does not pass `dynamodb:LeadingKeys`, the partition keys of a request, to its policy evaluator."""
    context = private(iam_actions, "dynamodb_service_context")

    def with_keys(body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = context(body)
        try:
            keys = sorted({value for request in _requests(json.loads(body or b"{}")) for value in _keys(*request)})
        except (ValueError, TypeError, AttributeError, KeyError):
            return found  # not a request DynamoDB accepts either
        return found | ({"dynamodb:LeadingKeys": keys} if keys else {})

    replace(iam_actions, "dynamodb_service_context", with_keys)


def _requests(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The single requests in a batch or transaction: table and parameters of each."""
    if "TableName" in data:
        yield data["TableName"], data
    for table, items in (data.get("RequestItems") or {}).items():
        for item in items.get("Keys", []) if isinstance(items, dict) else items:
            inner = item.get("PutRequest") or item.get("DeleteRequest") or {"Key": item}
            yield table, inner
    for item in data.get("TransactItems") or []:
        for inner in item.values():
            yield inner["TableName"], inner


def _keys(table: str, request: dict[str, Any]) -> Iterator[str]:
    known = tables.get(table_name(table)) or {"KeySchema": []}
    name = next((key["AttributeName"] for key in known["KeySchema"] if key["KeyType"] == "HASH"), None)
    if name is None:
        return
    for item in (request.get("Key"), request.get("Item")):
        if item and name in item:
            yield from map(str, item[name].values())
    names, values = request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {}
    for found in re.finditer(r"([#\w.-]+)\s*=\s*(:\w+)", request.get("KeyConditionExpression") or ""):
        if names.get(found[1], found[1]) == name and found[2] in values:
            yield from map(str, values[found[2]].values())
    for value in ((request.get("KeyConditions") or {}).get(name) or {}).get("AttributeValueList", []):
        yield from map(str, value.values())
