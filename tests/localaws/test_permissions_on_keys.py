"""What is encrypted with a customer key takes a permission for the key as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.localaws.actor import ACCOUNT, Actor
from tests.localaws.cloud import allow, document, unique

if TYPE_CHECKING:
    from tests.localaws.cloud import Cloud


def test_a_customer_key_is_needed_through_the_service(cloud: Cloud, actor: Actor) -> None:
    """kms:Decrypt where kms:ViaService names DynamoDB opens tables, and nothing else."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    table = cloud.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    url, queue = cloud.queue(KmsMasterKeyId=key)
    rest = [
        allow("dynamodb:PutItem", ACCOUNT.format("dynamodb", f"table/{table}")),
        allow(["sqs:SendMessage", "sqs:ReceiveMessage"], queue),
    ]

    def put() -> str:
        return actor.calls("dynamodb", "put_item", TableName=table, Item={"id": {"S": "1"}})

    def send() -> str:
        return actor.calls("sqs", "send_message", QueueUrl=url, MessageBody="x")

    def through(actions: list[str], service: str) -> dict[str, Any]:
        return allow(actions, key, Condition={"StringEquals": {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"}})

    actor.may(*rest)
    assert (put(), send()) == ("AccessDeniedException", "KMS.AccessDeniedException")
    actor.may(*rest, through(["kms:Decrypt"], "dynamodb"))
    assert (put(), send()) == ("allowed", "KMS.AccessDeniedException")
    assert actor.calls("kms", "generate_data_key", KeyId=key, KeySpec="AES_256") == "AccessDeniedException"
    actor.may(*rest, through(["kms:Decrypt", "kms:GenerateDataKey"], "sqs"))
    assert (put(), send()) == ("AccessDeniedException", "allowed")
    assert actor.calls("sqs", "receive_message", QueueUrl=url) == "allowed"


def test_a_key_known_by_its_alias(cloud: Cloud, actor: Actor) -> None:
    """A grant on keys with an alias, for what the function calls itself and for what DynamoDB calls for it."""
    key, other = (cloud("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    alias = f"alias/{unique('mine')}"
    cloud("kms").create_alias(AliasName=alias, TargetKeyId=key)
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
    actor.may(allow("kms:*", "arn:aws:kms:eu-west-1:123456789012:key/*", Condition=condition), allow("dynamodb:*", "*"))
    assert actor.calls("kms", "generate_data_key", KeyId=key, KeySpec="AES_256") == "allowed"
    assert actor.calls("kms", "generate_data_key", KeyId=other, KeySpec="AES_256") == "AccessDeniedException"
    answers = []
    for each in (key, other):
        table = cloud.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": each})
        answers.append(actor.calls("dynamodb", "put_item", TableName=table, Item={"id": {"S": "1"}}))
    assert answers == ["allowed", "AccessDeniedException"]


def test_a_key_policy_can_refuse(cloud: Cloud, actor: Actor) -> None:
    """However much the role grants."""
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    deny = allow("kms:Decrypt", "*", Principal={"AWS": actor.role}) | {"Effect": "Deny"}
    policy = document(allow("kms:*", "*", Principal=root), deny)
    key = cloud("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    table = cloud.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    actor.may(allow("dynamodb:*", "*"), allow("kms:*", "*"))
    item = {"id": {"S": "1"}}
    assert actor.calls("dynamodb", "put_item", TableName=table, Item=item) == "AccessDeniedException"
