"""Transactions of DynamoDB: all or nothing, with the reasons; permitted as the single operations are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.calling_function import ACCOUNT
from tests.localcloud.aws.cloud import allow

if TYPE_CHECKING:
    from tests.localcloud.aws.calling_function import CallingFunction
    from tests.localcloud.aws.cloud import Cloud


def put(table: str, name: str, **more: Any) -> dict[str, Any]:
    """Put an item that must not be there yet."""
    item = {"id": {"S": name}, "by": {"S": "second"}}
    condition = {"ConditionExpression": "attribute_not_exists(id)"}
    return {
        "Put": {"TableName": table, "Item": item, "ReturnValuesOnConditionCheckFailure": "ALL_OLD", **condition} | more
    }


def close(table: str, name: str) -> dict[str, Any]:
    """Mark an item as done that is in progress."""
    return {
        "Update": {
            "TableName": table,
            "Key": {"id": {"S": name}},
            "UpdateExpression": "SET #status = :done",
            "ConditionExpression": "#status = :doing",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":done": {"S": "done"}, ":doing": {"S": "doing"}},
        }
    }


def test_all_or_nothing(cloud: Cloud) -> None:
    """Two tables change together, or neither does; the reasons stand in the order of the request."""
    results, doing = cloud.table(), cloud.table()
    client = cloud("dynamodb")
    for name in ("1", "2"):
        client.put_item(TableName=doing, Item={"id": {"S": name}, "status": {"S": "doing"}})
    client.put_item(TableName=results, Item={"id": {"S": "2"}, "by": {"S": "first"}})
    client.transact_write_items(TransactItems=[put(results, "1"), close(doing, "1")])
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=[close(doing, "2"), put(results, "2"), put(results, "3")])
    answer: dict[str, Any] = {**caught.value.response}
    reasons = answer["CancellationReasons"]
    assert [each["Code"] for each in reasons] == ["None", "ConditionalCheckFailed", "None"]
    assert reasons[1]["Item"] == {"id": {"S": "2"}, "by": {"S": "first"}}
    assert {each["id"]["S"] for each in cloud.items(results)} == {"1", "2"}
    assert {each["id"]["S"]: each["status"]["S"] for each in cloud.items(doing)} == {"1": "done", "2": "doing"}


def test_each_operation_needs_its_own_permission(cloud: Cloud, actor: CallingFunction) -> None:
    """On its own table; and the key of each table."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    encrypted = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    results, doing = cloud.table(SSESpecification=encrypted), cloud.table()
    cloud("dynamodb").put_item(TableName=doing, Item={"id": {"S": "1"}, "status": {"S": "doing"}})
    where = [ACCOUNT.format("dynamodb", f"table/{table}") for table in (results, doing)]
    grants = [allow("dynamodb:PutItem", where[0]), allow("dynamodb:UpdateItem", where[1]), allow("kms:Decrypt", key)]
    write = {"TransactItems": [put(results, "1"), close(doing, "1")]}
    for index in range(len(grants)):
        actor.grant(*grants[:index], *grants[index + 1 :])
        assert actor.call("dynamodb", "transact_write_items", **write) == "AccessDeniedException"
    actor.grant(allow("dynamodb:PutItem", where), allow("dynamodb:UpdateItem", where[0]), grants[2])
    assert actor.call("dynamodb", "transact_write_items", **write) == "AccessDeniedException"
    actor.grant(*grants)
    assert actor.call("dynamodb", "transact_write_items", **write) == "allowed"


def test_a_throttled_transaction(cloud: Cloud) -> None:
    """Writes nothing."""
    table = cloud.table()
    code = "ThrottlingException"
    cloud.control("faults", {"service": "dynamodb", "action": "TransactWriteItems", "status": 400, "code": code})
    try:
        with pytest.raises(ClientError, match=code):
            cloud("dynamodb").transact_write_items(TransactItems=[put(table, "1")])
    finally:
        cloud.control("faults", method="DELETE")
    assert cloud.items(table) == []
