"""The queue of notifications from an asynchronous endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import sns

from components.work_queue import Sender, WorkQueue, WorkQueueArgs

if TYPE_CHECKING:
    from aws_environment import AwsEnvironment

    from components.alarms import Alerting


@dataclass(frozen=True, kw_only=True)
class AsyncAnswersArgs:
    """The topics, and the function that consumes the queue.

    success_topic, error_topic: ARNs. consumer_timeout_seconds: of the function that stores results. key_alias: of the
    key, with `alias/`.
    """

    aws_env: AwsEnvironment
    success_topic: pulumi.Input[str]
    error_topic: pulumi.Input[str]
    consumer_timeout_seconds: pulumi.Input[int]
    key_alias: pulumi.Input[str]
    alerting: Alerting


class AsyncAnswers(pulumi.ComponentResource):
    """A work queue that is subscribed to the success and error topics of the endpoint. `queue` is that queue."""

    queue: WorkQueue

    def __init__(self, name: str, args: AsyncAnswersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:queue:AsyncAnswers", name, None, opts)
        topics = {"done": args.success_topic, "failed": args.error_topic}
        self.queue = WorkQueue(
            name,
            WorkQueueArgs(
                aws_env=args.aws_env,
                consumer_timeout_seconds=args.consumer_timeout_seconds,
                key_alias=args.key_alias,
                alerting=args.alerting,
                sender=Sender(service="sns", sources=list(topics.values()), sends_dead_letters=True),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        for what, topic in topics.items():
            sns.TopicSubscription(
                f"{name}-{what}",
                topic=topic,
                protocol="sqs",
                endpoint=args.aws_env.queue_arn(self.queue.name),
                raw_message_delivery=True,
                redrive_policy=pulumi.Output.json_dumps(
                    {"deadLetterTargetArn": args.aws_env.queue_arn(self.queue.dead_letter_name)}
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.queue]),
            )
        self.register_outputs({"queue": self.queue.name})
