"""The way back from a model that answers later: from its topics to the results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import sns

from components.work_queue import Sender, WorkQueue, WorkQueueArgs

if TYPE_CHECKING:
    from place import Place

    from components.alarms import Alerting


@dataclass(frozen=True, kw_only=True)
class AsyncAnswersArgs:
    """Where answers are told of, and how long they may take to be stored.

    success_topic, error_topic: ARNs. consumer_timeout_seconds: of the function that stores answers. key_alias: of the
    key, with `alias/`.
    """

    place: Place
    success_topic: pulumi.Input[str]
    error_topic: pulumi.Input[str]
    consumer_timeout_seconds: pulumi.Input[int]
    key_alias: pulumi.Input[str]
    alerting: Alerting


class AsyncAnswers(pulumi.ComponentResource):
    """A work queue of what the endpoint tells by its two topics, as it tells it. `queue` is that queue."""

    queue: WorkQueue

    def __init__(self, name: str, args: AsyncAnswersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:queue:AsyncAnswers", name, None, opts)
        topics = {"done": args.success_topic, "failed": args.error_topic}
        self.queue = WorkQueue(
            name,
            WorkQueueArgs(
                place=args.place,
                consumer_timeout_seconds=args.consumer_timeout_seconds,
                key_alias=args.key_alias,
                alerting=args.alerting,
                sender=Sender(service="sns", sources=list(topics.values()), gives_up_here=True),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        for what, topic in topics.items():
            sns.TopicSubscription(
                f"{name}-{what}",
                topic=topic,
                protocol="sqs",
                endpoint=args.place.queue(self.queue.name),
                raw_message_delivery=True,
                redrive_policy=pulumi.Output.json_dumps(
                    {"deadLetterTargetArn": args.place.queue(self.queue.dead_letter_name)}
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.queue]),
            )
        self.register_outputs({"queue": self.queue.name})
