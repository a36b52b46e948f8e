"""The work queue and its dead-letter queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import Statement, allow, allow_service, deny_insecure_transport, document
from pulumi_aws import sqs

from components.alarms import Alerting, Metric, alarm_above
from components.dead_letter_queue import DAY, KEY_REUSE_SECONDS, alarm_on_dead_letters, make_dead_letter_queue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_environment import AwsEnvironment

LONG_POLL_SECONDS: Final = 20


@dataclass(frozen=True, kw_only=True)
class Sender:
    """An AWS service (`events`, `sns`) that sends to the queue, and the source ARNs that it sends for.

    sends_dead_letters: whether it also sends undeliverable messages to the dead-letter queue.
    """

    service: str
    sources: Sequence[pulumi.Input[str]]
    sends_dead_letters: bool = False


@dataclass(frozen=True, kw_only=True)
class WorkQueueArgs:
    """Timeouts, retention and access of the queue.

    consumer_timeout_seconds: of the consuming function; the visibility timeout is six times as long, as AWS recommends
    for Lambda. max_receives: deliveries before a message goes to the dead-letter queue. retention_days: 1 to 12; the
    dead-letter queue retains messages for 14 days, SQS's maximum. max_age_seconds: age of the oldest message above
    which an alarm is raised. key_alias: of the key, with `alias/`. sender: a service that the queue policy admits, in
    addition to roles with sqs:SendMessage; None for none.
    """

    aws_env: AwsEnvironment
    consumer_timeout_seconds: pulumi.Input[int]
    key_alias: pulumi.Input[str]
    alerting: Alerting
    max_receives: pulumi.Input[int] = 10
    retention_days: pulumi.Input[int] = 4
    max_age_seconds: pulumi.Input[float] = 900.0
    sender: Sender | None = None


class WorkQueue(pulumi.ComponentResource):
    """An SQS queue with its dead-letter queue, both encrypted and only accessible over TLS, and alarms on both.

    `name` and `dead_letter_name` are known at preview; `arn`, `url`, `dead_letter_arn` and `dead_letter_url` once the
    queues exist. `consume_grants`: the statements that a role needs to consume the queue.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letter_name: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]
    dead_letter_url: pulumi.Output[str]
    consume_grants: Sequence[Statement]

    def __init__(self, name: str, args: WorkQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:queue:WorkQueue", name, None, opts)
        tags = args.alerting.tags
        dead_letter_queue = make_dead_letter_queue(f"{name}-dead-letters", args.key_alias, tags, self)
        queue = sqs.Queue(
            name,
            visibility_timeout_seconds=_times(6, args.consumer_timeout_seconds),
            message_retention_seconds=_times(DAY, args.retention_days),
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            redrive_policy=pulumi.Output.json_dumps(
                {
                    "deadLetterTargetArn": args.aws_env.queue_arn(dead_letter_queue.name),
                    "maxReceiveCount": args.max_receives,
                }
            ),
            kms_master_key_id=args.key_alias,
            kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        sqs.RedriveAllowPolicy(
            f"{name}-dead-letters",
            queue_url=dead_letter_queue.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [args.aws_env.queue_arn(queue.name)]}
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        dead_letter_sender = args.sender if args.sender and args.sender.sends_dead_letters else None
        for logical, each, sender in (
            (name, queue, args.sender),
            (f"{name}-dead-letters", dead_letter_queue, dead_letter_sender),
        ):
            sqs.QueuePolicy(
                logical,
                queue_url=each.url,
                policy=_policy(args.aws_env.queue_arn(each.name), sender),
                opts=pulumi.ResourceOptions(parent=self),
            )
        alarm_on_dead_letters(f"{name}-dead-letters", dead_letter_queue, args.retention_days, args.alerting, self)
        alarm_above(
            f"{name}-late",
            Metric(
                namespace="AWS/SQS",
                name="ApproximateAgeOfOldestMessage",
                dimensions={"QueueName": queue.name},
                statistic="Maximum",
            ),
            args.max_age_seconds,
            description="Work waits longer than it should: the worker is too slow, throttled, or fails",
            alerting=args.alerting,
            parent=self,
            periods=5,
        )
        self.name, self.arn, self.url = queue.name, queue.arn, queue.url
        self.dead_letter_name, self.dead_letter_arn, self.dead_letter_url = (
            dead_letter_queue.name,
            dead_letter_queue.arn,
            dead_letter_queue.url,
        )
        self.consume_grants = [
            allow(
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
                [args.aws_env.queue_arn(queue.name)],
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
    """Deny requests without TLS, and allow the sending service for its sources."""
    statements = [deny_insecure_transport("sqs:*", queue_arn)]
    if sender is not None:
        condition = {"ArnEquals": {"aws:SourceArn": list(sender.sources)}}
        statements.append(allow_service(sender.service, ["sqs:SendMessage"], queue_arn, condition))
    return document(*statements)


def _times(factor: int, number: pulumi.Input[int]) -> pulumi.Output[int]:
    return pulumi.Output.from_input(number).apply(lambda known: factor * known)
