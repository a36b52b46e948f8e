"""What is encrypted with a customer key takes a permission for the key as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.calling_function import ACCOUNT, CallingFunction
from tests.localcloud.aws.cloud import allow, document, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def test_a_customer_key_is_needed_through_the_service(cloud: Cloud, actor: CallingFunction) -> None:
    """kms:Decrypt where kms:ViaService names DynamoDB opens tables, and nothing else."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    table = cloud.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    url, queue = cloud.queue(KmsMasterKeyId=key)
    rest = [
        allow("dynamodb:PutItem", ACCOUNT.format("dynamodb", f"table/{table}")),
        allow(["sqs:SendMessage", "sqs:ReceiveMessage"], queue),
    ]

    def put() -> str:
        return actor.call("dynamodb", "put_item", TableName=table, Item={"id": {"S": "1"}})

    def send() -> str:
        return actor.call("sqs", "send_message", QueueUrl=url, MessageBody="x")

    def through(actions: list[str], service: str) -> dict[str, Any]:
        return allow(actions, key, Condition={"StringEquals": {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"}})

    actor.grant(*rest)
    assert (put(), send()) == ("AccessDeniedException", "KMS.AccessDeniedException")
    actor.grant(*rest, through(["kms:Decrypt"], "dynamodb"))
    assert (put(), send()) == ("allowed", "KMS.AccessDeniedException")
    assert actor.call("kms", "generate_data_key", KeyId=key, KeySpec="AES_256") == "AccessDeniedException"
    actor.grant(*rest, through(["kms:Decrypt", "kms:GenerateDataKey"], "sqs"))
    assert (put(), send()) == ("AccessDeniedException", "allowed")
    assert actor.call("sqs", "receive_message", QueueUrl=url) == "allowed"


def test_a_key_known_by_its_alias(cloud: Cloud, actor: CallingFunction) -> None:
    """A grant on keys with an alias, for what the function calls itself and for what DynamoDB calls for it."""
    key, other = (cloud("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    alias = f"alias/{unique('mine')}"
    cloud("kms").create_alias(AliasName=alias, TargetKeyId=key)
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
    actor.grant(
        allow("kms:*", "arn:aws:kms:eu-west-1:123456789012:key/*", Condition=condition), allow("dynamodb:*", "*")
    )
    assert actor.call("kms", "generate_data_key", KeyId=key, KeySpec="AES_256") == "allowed"
    assert actor.call("kms", "generate_data_key", KeyId=other, KeySpec="AES_256") == "AccessDeniedException"
    answers = []
    for each in (key, other):
        table = cloud.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": each})
        answers.append(actor.call("dynamodb", "put_item", TableName=table, Item={"id": {"S": "1"}}))
    assert answers == ["allowed", "AccessDeniedException"]


def test_a_key_policy_can_refuse(cloud: Cloud, actor: CallingFunction) -> None:
    """However much the role grants."""
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    deny = allow("kms:Decrypt", "*", Principal={"AWS": actor.role}) | {"Effect": "Deny"}
    policy = document(allow("kms:*", "*", Principal=root), deny)
    key = cloud("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    table = cloud.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    actor.grant(allow("dynamodb:*", "*"), allow("kms:*", "*"))
    item = {"id": {"S": "1"}}
    assert actor.call("dynamodb", "put_item", TableName=table, Item=item) == "AccessDeniedException"


@pytest.mark.parametrize("bucket_key", [False, True])
def test_objects_need_the_key_of_their_bucket(cloud: Cloud, actor: CallingFunction, *, bucket_key: bool) -> None:
    """To write and to read; with a bucket key, KMS is told of the bucket and not of the object."""
    s3, name = cloud("s3"), unique("bucket")
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    sse = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": sse, "BucketKeyEnabled": bucket_key}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    told = f"arn:aws:s3:::{name}" + ("" if bucket_key else "/a/b")
    within = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": told}}
    objects = allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{name}/a/*")
    item = {"Bucket": name, "Key": "a/b"}
    actor.grant(objects)
    assert actor.call("s3", "put_object", **item) == "AccessDenied"
    actor.grant(objects, allow("kms:GenerateDataKey", key, Condition=within))
    assert actor.call("s3", "put_object", **item) == "allowed"
    assert actor.call("s3", "get_object", **item) == "AccessDenied"
    actor.grant(objects, allow("kms:Decrypt", key, Condition=within))
    assert actor.call("s3", "get_object", **item) == "allowed"


def test_topics_need_their_key(cloud: Cloud, actor: CallingFunction) -> None:
    """To publish."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    topic = cloud("sns").create_topic(Name=unique("topic"), Attributes={"KmsMasterKeyId": key})["TopicArn"]
    actor.grant(allow("sns:Publish", topic))
    assert actor.call("sns", "publish", TopicArn=topic, Message="x") == "KMSAccessDenied"
    actor.grant(allow("sns:Publish", topic), allow(["kms:GenerateDataKey", "kms:Decrypt"], key))
    assert actor.call("sns", "publish", TopicArn=topic, Message="x") == "allowed"
