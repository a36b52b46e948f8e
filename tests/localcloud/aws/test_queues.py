"""Queues keep what they were told, and take what AWS takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import allow, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def attributes(cloud: Cloud, url: str) -> dict[str, Any]:
    """Return all attributes of a queue."""
    return dict(cloud("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


def test_attributes_are_read_back(cloud: Cloud) -> None:
    """Everything a work queue is given."""
    _, dead = cloud.queue()
    wanted = {
        "VisibilityTimeout": "180",
        "MessageRetentionPeriod": "345600",
        "ReceiveMessageWaitTimeSeconds": "20",
        "DelaySeconds": "0",
        "MaximumMessageSize": "262144",
        "KmsMasterKeyId": "alias/aws/sqs",
        "KmsDataKeyReusePeriodSeconds": "300",
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5}),
    }
    url, _ = cloud.queue(**wanted)
    assert wanted.items() <= attributes(cloud, url).items()


def test_one_attribute_changes_no_other(cloud: Cloud) -> None:
    """A policy set on its own, then another attribute, then a redrive allow policy."""
    url, arn = cloud.queue(VisibilityTimeout="60")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("sqs:SendMessage", arn, Principal="*")]})
    sqs = cloud("sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
    redrive = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": redrive})
    found = attributes(cloud, url)
    assert json.loads(found["Policy"]) == json.loads(policy)
    assert json.loads(found["RedriveAllowPolicy"]) == json.loads(redrive)
    assert (found["VisibilityTimeout"], found["DelaySeconds"]) == ("60", "1")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": "", "RedriveAllowPolicy": ""})
    assert not {"Policy", "RedriveAllowPolicy"} & attributes(cloud, url).keys()


def test_encryption_can_be_changed_and_taken_away(cloud: Cloud) -> None:
    """A customer key, SQS's own key, then none."""
    url, _ = cloud.queue(SqsManagedSseEnabled="true")
    assert attributes(cloud, url)["SqsManagedSseEnabled"] == "true"
    key = cloud("kms").create_key()["KeyMetadata"]["KeyId"]
    cloud("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key, "SqsManagedSseEnabled": "false"})
    assert attributes(cloud, url)["KmsMasterKeyId"] == key
    cloud("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": ""})
    assert not attributes(cloud, url).get("KmsMasterKeyId")


def test_tags_and_listing_and_deletion(cloud: Cloud) -> None:
    """A queue with tags, found by prefix, gone after its deletion."""
    name, sqs = unique("tagged"), cloud("sqs")
    url = sqs.create_queue(QueueName=name, tags={"owner": "me"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"stage": "dev"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["owner"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"stage": "dev"}
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url]
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    sqs.delete_queue(QueueUrl=url)
    with pytest.raises(ClientError, match="NonExistentQueue"):
        sqs.get_queue_url(QueueName=name)


@pytest.mark.parametrize("size", [1, 4096, 262_144])
def test_bodies_of_every_size(cloud: Cloud, size: int) -> None:
    """From one byte to 256 KB, with an attribute beside."""
    url, _ = cloud.queue()
    body = "ü" * (size // 2) or "x"
    value = {"kind": {"DataType": "String", "StringValue": "large"}}
    cloud("sqs").send_message(QueueUrl=url, MessageBody=body, MessageAttributes=value)
    got = cloud("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert [one["Body"] for one in got] == [body]
    assert got[0]["MessageAttributes"] == value


def test_a_hidden_message_comes_back_until_it_is_set_aside(cloud: Cloud) -> None:
    """Visibility and the redrive policy count receptions."""
    dead_url, dead = cloud.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    url, _ = cloud.queue(VisibilityTimeout="0", RedrivePolicy=redrive)
    cloud.send(url, "again")
    received = [cloud("sqs").receive_message(QueueUrl=url).get("Messages", []) for _ in range(3)]
    assert [len(messages) for messages in received] == [1, 1, 0]
    assert cloud.depth(dead_url) == (1, 0)
