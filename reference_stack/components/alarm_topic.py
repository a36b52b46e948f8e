"""The topic that everything of the stack that needs attention is told to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from documents import allow_service, document, refuse_plain_http
from pulumi_aws import sns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from place import Place


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    """Who hears of alarms.

    key_alias: of the key, with `alias/`. email: an address that is asked to confirm and then hears of every alarm;
    None where others subscribe to the topic.
    """

    place: Place
    key_alias: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    email: pulumi.Input[str] | None = None


class AlarmTopic(pulumi.ComponentResource):
    """An encrypted SNS topic to which CloudWatch's alarms and AWS Budgets publish, of this account only.

    `name` and `arn` are known at preview.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:observability:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(name, kms_master_key_id=args.key_alias, tags=args.tags, opts=child)
        self.name, self.arn = topic.name, args.place.topic(topic.name)
        ours = {"StringEquals": {"aws:SourceAccount": args.place.account}}
        alarms = ours | {"ArnLike": {"aws:SourceArn": args.place.alarm("*")}}
        sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=document(
                allow_service("cloudwatch", ["sns:Publish"], self.arn, alarms),
                allow_service("budgets", ["sns:Publish"], self.arn, ours),
                refuse_plain_http("sns:Publish", self.arn),
            ),
            opts=child,
        )
        if args.email is not None:
            sns.TopicSubscription(name, topic=topic.arn, protocol="email", endpoint=args.email, opts=child)
        self.register_outputs({"name": self.name, "arn": self.arn})
