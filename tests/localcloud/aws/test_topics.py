"""What a subscribed queue may not get is set aside, or lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.localcloud.aws.cloud import allow, document, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def test_a_subscription_sets_messages_aside(cloud: Cloud) -> None:
    """While its queue is closed, or its key is; where that lets the topic in."""
    sns, sqs = cloud("sns"), cloud("sqs")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    (url, queue), (dead_url, dead) = cloud.queue(), cloud.queue()

    def opened(where: str, arn: str, **more: str) -> None:
        statement = allow("sqs:SendMessage", arn, Principal={"Service": "sns.amazonaws.com"})
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": topic}}
        sqs.set_queue_attributes(QueueUrl=where, Attributes={"Policy": document(statement), **more})

    settings = {"RawMessageDelivery": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=settings)
    sns.publish(TopicArn=topic, Message="lost")
    opened(dead_url, dead)
    sns.publish(TopicArn=topic, Message="the queue is closed")
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    opened(url, queue, KmsMasterKeyId=key)
    sns.publish(TopicArn=topic, Message="the key is closed")
    opened(url, queue, KmsMasterKeyId="")
    sns.publish(TopicArn=topic, Message="arrives")
    got = sqs.receive_message(QueueUrl=dead_url, MaxNumberOfMessages=10)["Messages"]
    assert [each["Body"] for each in got] == ["the queue is closed", "the key is closed"]
    assert [each["Body"] for each in sqs.receive_message(QueueUrl=url)["Messages"]] == ["arrives"]
