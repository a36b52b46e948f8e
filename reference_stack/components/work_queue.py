"""The queue that work waits in, and the one for work that nobody could do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import Statement, allow, allow_service, document, refuse_plain_http
from pulumi_aws import sqs

from components.alarms import Alerting, Metric, raise_above
from components.dead_letters import DAY, KEY_REUSE_SECONDS, dead_letters, watch_dead_letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from place import Place

LONG_POLL_SECONDS: Final = 20


@dataclass(frozen=True, kw_only=True)
class Sender:
    """An AWS service (`events`, `sns`) that puts work into the queue itself, and the ARNs that it does so for.

    gives_up_here: whether it also puts what it could not deliver into the dead-letter queue.
    """

    service: str
    sources: Sequence[pulumi.Input[str]]
    gives_up_here: bool = False


@dataclass(frozen=True, kw_only=True)
class WorkQueueArgs:
    """How long work may take and wait.

    consumer_timeout_seconds: how long the consumer may work on a batch; messages are hidden six times as long, which
    is AWS's advice for Lambda. max_receives: deliveries before a message is set aside. retention_days: how long work
    waits at most, 1 to 12; what is set aside waits 14 days, SQS's longest. late_seconds: how old the oldest message
    may become before somebody is told. key_alias: of the key, with `alias/`. sender: whom the queue lets in besides the
    roles of the account that may send; None for nobody.
    """

    place: Place
    consumer_timeout_seconds: pulumi.Input[int]
    key_alias: pulumi.Input[str]
    alerting: Alerting
    max_receives: pulumi.Input[int] = 10
    retention_days: pulumi.Input[int] = 4
    late_seconds: pulumi.Input[float] = 900.0
    sender: Sender | None = None


class WorkQueue(pulumi.ComponentResource):
    """An SQS queue with its dead-letter queue, both encrypted and closed to plain HTTP, and the alarms on both.

    `name` and `dead_letter_name` are known at preview; `arn`, `url`, `dead_letter_arn` and `dead_letter_url` once the
    queues exist. `consume` are the statements that a role needs to empty the queue.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letter_name: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]
    dead_letter_url: pulumi.Output[str]
    consume: Sequence[Statement]

    def __init__(self, name: str, args: WorkQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:queue:WorkQueue", name, None, opts)
        tags = args.alerting.tags
        aside = dead_letters(f"{name}-dead-letters", args.key_alias, tags, self)
        queue = sqs.Queue(
            name,
            visibility_timeout_seconds=_times(6, args.consumer_timeout_seconds),
            message_retention_seconds=_times(DAY, args.retention_days),
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": args.place.queue(aside.name), "maxReceiveCount": args.max_receives}
            ),
            kms_master_key_id=args.key_alias,
            kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        sqs.RedriveAllowPolicy(
            f"{name}-dead-letters",
            queue_url=aside.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [args.place.queue(queue.name)]}
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        giving_up = args.sender if args.sender and args.sender.gives_up_here else None
        for logical, each, sender in ((name, queue, args.sender), (f"{name}-dead-letters", aside, giving_up)):
            sqs.QueuePolicy(
                logical,
                queue_url=each.url,
                policy=_policy(args.place.queue(each.name), sender),
                opts=pulumi.ResourceOptions(parent=self),
            )
        watch_dead_letters(f"{name}-dead-letters", aside, args.retention_days, args.alerting, self)
        raise_above(
            f"{name}-late",
            Metric(
                namespace="AWS/SQS",
                name="ApproximateAgeOfOldestMessage",
                dimensions={"QueueName": queue.name},
                statistic="Maximum",
            ),
            args.late_seconds,
            says="Work waits longer than it should: the worker is too slow, throttled, or fails",
            alerting=args.alerting,
            parent=self,
            periods=5,
        )
        self.name, self.arn, self.url = queue.name, queue.arn, queue.url
        self.dead_letter_name, self.dead_letter_arn, self.dead_letter_url = aside.name, aside.arn, aside.url
        self.consume = [
            allow(
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
                [args.place.queue(queue.name)],
            )
        ]
        self.register_outputs(
            {
                "name": self.name,
                "arn": self.arn,
                "url": self.url,
                "dead_letter_name": self.dead_letter_name,
                "dead_letter_arn": self.dead_letter_arn,
                "dead_letter_url": self.dead_letter_url,
            }
        )


def _policy(queue_arn: pulumi.Output[str], sender: Sender | None) -> pulumi.Output[str]:
    """TLS for everybody, and the service that sends, for its sources only."""
    statements = [refuse_plain_http("sqs:*", queue_arn)]
    if sender is not None:
        condition = {"ArnEquals": {"aws:SourceArn": list(sender.sources)}}
        statements.append(allow_service(sender.service, ["sqs:SendMessage"], queue_arn, condition))
    return document(*statements)


def _times(factor: int, number: pulumi.Input[int]) -> pulumi.Output[int]:
    return pulumi.Output.from_input(number).apply(lambda known: factor * known)
