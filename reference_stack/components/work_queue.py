"""The queue that work waits in, and the one for work that nobody could do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import tls_only
from pulumi_aws import cloudwatch, sqs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from place import Place

DAY: Final = 86_400
KEY_REUSE_SECONDS: Final = 300  # one request to KMS in five minutes instead of one a message
LONG_POLL_SECONDS: Final = 20
LONGEST_RETENTION_DAYS: Final = 14


@dataclass(frozen=True, kw_only=True)
class WorkQueueArgs:
    """How long work may take and wait.

    consumer_timeout_seconds: how long the consumer may work on a batch; messages are hidden six times as long, which
    is AWS's advice for Lambda. max_receives: deliveries before a message is set aside. retention_days: how long work
    waits at most, 1 to 12; what is set aside waits 14 days, SQS's longest. key_alias: of the key, with `alias/`.
    alarm_actions: ARNs of the SNS topics that the alarms go to.
    """

    place: Place
    consumer_timeout_seconds: pulumi.Input[int]
    key_alias: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    max_receives: pulumi.Input[int] = 5
    retention_days: pulumi.Input[int] = 4
    alarm_actions: Sequence[pulumi.Input[str]] = ()


class WorkQueue(pulumi.ComponentResource):
    """An SQS queue with its dead-letter queue, both encrypted and closed to plain HTTP, and the alarms on the latter.

    `name` is known at preview; `arn`, `url`, `dead_letter_arn` and `dead_letter_url` once the queues exist.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]
    dead_letter_url: pulumi.Output[str]

    def __init__(self, name: str, args: WorkQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:queue:WorkQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        dead_letters = sqs.Queue(
            f"{name}-dead-letters",
            message_retention_seconds=LONGEST_RETENTION_DAYS * DAY,
            kms_master_key_id=args.key_alias,
            kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
            tags=args.tags,
            opts=child,
        )
        queue = sqs.Queue(
            name,
            visibility_timeout_seconds=_times(6, args.consumer_timeout_seconds),
            message_retention_seconds=_times(DAY, args.retention_days),
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            redrive_policy=pulumi.Output.json_dumps(
                {
                    "deadLetterTargetArn": args.place.queue(dead_letters.name),
                    "maxReceiveCount": args.max_receives,
                }
            ),
            kms_master_key_id=args.key_alias,
            kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
            tags=args.tags,
            opts=child,
        )
        sqs.RedriveAllowPolicy(
            f"{name}-dead-letters",
            queue_url=dead_letters.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [args.place.queue(queue.name)]}
            ),
            opts=child,
        )
        for each, logical in ((queue, name), (dead_letters, f"{name}-dead-letters")):
            sqs.QueuePolicy(logical, queue_url=each.url, policy=tls_only(args.place.queue(each.name)), opts=child)
        self._watch(f"{name}-dead-letters", dead_letters.name, args)
        self.name, self.arn, self.url = queue.name, queue.arn, queue.url
        self.dead_letter_arn, self.dead_letter_url = dead_letters.arn, dead_letters.url
        self.register_outputs(
            {
                "name": self.name,
                "arn": self.arn,
                "url": self.url,
                "dead_letter_arn": self.dead_letter_arn,
                "dead_letter_url": self.dead_letter_url,
            }
        )

    def _watch(self, logical: str, queue: pulumi.Output[str], args: WorkQueueArgs) -> None:
        """Raise an alarm when work is set aside, and again a day before SQS may delete it.

        SQS counts retention from when a message was first sent, the metric from when it was set aside.
        """
        last_day = pulumi.Output.from_input(args.retention_days).apply(
            lambda waited: float((LONGEST_RETENTION_DAYS - waited - 1) * DAY)
        )
        alarms: tuple[tuple[str, str, pulumi.Input[float], str], ...] = (
            ("filled", "ApproximateNumberOfMessagesVisible", 0.0, "Work was set aside: look at it, then redrive it"),
            ("expiring", "ApproximateAgeOfOldestMessage", last_day, "Work that was set aside will soon be deleted"),
        )
        for alarm, metric, threshold, description in alarms:
            cloudwatch.MetricAlarm(
                f"{logical}-{alarm}",
                alarm_description=description,
                namespace="AWS/SQS",
                metric_name=metric,
                dimensions={"QueueName": queue},
                statistic="Maximum",
                comparison_operator="GreaterThanThreshold",
                threshold=threshold,
                period=60,
                evaluation_periods=1,
                treat_missing_data="notBreaching",
                alarm_actions=list(args.alarm_actions) or None,
                ok_actions=list(args.alarm_actions) or None,
                tags=args.tags,
                opts=pulumi.ResourceOptions(parent=self),
            )


def _times(factor: int, number: pulumi.Input[int]) -> pulumi.Output[int]:
    return pulumi.Output.from_input(number).apply(lambda known: factor * known)
