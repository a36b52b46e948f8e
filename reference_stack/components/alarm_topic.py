"""The SNS topic for all alarms and budget notifications of the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from policy_documents import allow_service, deny_insecure_transport, document
from pulumi_aws import sns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_environment import AwsEnvironment


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    """key_alias: of the KMS key, with `alias/`.

    email: an address that is subscribed and has to confirm; None for no subscription.
    """

    aws_env: AwsEnvironment
    key_alias: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    email: pulumi.Input[str] | None = None


class AlarmTopic(pulumi.ComponentResource):
    """An encrypted SNS topic to which CloudWatch alarms and AWS Budgets of this account publish.

    `name` and `arn` are known at preview.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:observability:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(name, kms_master_key_id=args.key_alias, tags=args.tags, opts=child)
        self.name, self.arn = topic.name, args.aws_env.topic_arn(topic.name)
        ours = {"StringEquals": {"aws:SourceAccount": args.aws_env.account}}
        alarms = ours | {"ArnLike": {"aws:SourceArn": args.aws_env.alarm_arn("*")}}
        sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=document(
                allow_service("cloudwatch", ["sns:Publish"], self.arn, alarms),
                allow_service("budgets", ["sns:Publish"], self.arn, ours),
                deny_insecure_transport("sns:Publish", self.arn),
            ),
            opts=child,
        )
        if args.email is not None:
            sns.TopicSubscription(name, topic=topic.arn, protocol="email", endpoint=args.email, opts=child)
        self.register_outputs({"name": self.name, "arn": self.arn})
