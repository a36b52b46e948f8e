"""Dead-letter queues, and the alarms on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_aws import sqs

from components.alarms import Alerting, Metric, alarm_above

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY: Final = 86_400
KEY_REUSE_SECONDS: Final = 300  # one KMS request per five minutes instead of one per message
LONGEST_RETENTION_DAYS: Final = 14


def make_dead_letter_queue(
    name: str, key_alias: pulumi.Input[str], tags: Mapping[str, pulumi.Input[str]], parent: pulumi.Resource
) -> sqs.Queue:
    """A queue with SQS's longest retention, encrypted with the key that has the alias (`alias/...`)."""
    return sqs.Queue(
        name,
        message_retention_seconds=LONGEST_RETENTION_DAYS * DAY,
        kms_master_key_id=key_alias,
        kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def alarm_on_dead_letters(
    name: str, queue: sqs.Queue, waited_days: pulumi.Input[int], alerting: Alerting, parent: pulumi.Resource
) -> None:
    """Raise an alarm when a message arrives, and a day before SQS may delete the oldest.

    SQS counts the retention from when a message was first sent, the metric from when it was moved to this queue.
    waited_days: how long it may have waited before that.
    """
    dimensions = {"QueueName": queue.name}
    alarm_above(
        f"{name}-filled",
        Metric(
            namespace="AWS/SQS",
            name="ApproximateNumberOfMessagesVisible",
            dimensions=dimensions,
            statistic="Maximum",
        ),
        0.0,
        description="Work was set aside: look at it, then redrive it",
        alerting=alerting,
        parent=parent,
    )
    alarm_above(
        f"{name}-expiring",
        Metric(namespace="AWS/SQS", name="ApproximateAgeOfOldestMessage", dimensions=dimensions, statistic="Maximum"),
        pulumi.Output.from_input(waited_days).apply(lambda waited: float((LONGEST_RETENTION_DAYS - waited - 1) * DAY)),
        description="Work that was set aside will soon be deleted",
        alerting=alerting,
        parent=parent,
    )
