"""A queue for what could not be done or delivered, and the alarms on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_aws import sqs

from components.alarms import Alerting, Metric, raise_above

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY: Final = 86_400
KEY_REUSE_SECONDS: Final = 300  # one request to KMS in five minutes instead of one a message
LONGEST_RETENTION_DAYS: Final = 14


def dead_letters(
    name: str, key_alias: pulumi.Input[str], tags: Mapping[str, pulumi.Input[str]], parent: pulumi.Resource
) -> sqs.Queue:
    """A queue that keeps what it takes as long as SQS can, encrypted under the key with the alias (`alias/...`)."""
    return sqs.Queue(
        name,
        message_retention_seconds=LONGEST_RETENTION_DAYS * DAY,
        kms_master_key_id=key_alias,
        kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def watch_dead_letters(
    name: str, queue: sqs.Queue, waited_days: pulumi.Input[int], alerting: Alerting, parent: pulumi.Resource
) -> None:
    """Raise an alarm when something is set aside, and again a day before SQS may delete it.

    SQS counts retention from when a message was first sent, the metric from when it was set aside; waited_days: how
    long it may have waited before that.
    """
    dimensions = {"QueueName": queue.name}
    raise_above(
        f"{name}-filled",
        Metric(
            namespace="AWS/SQS",
            name="ApproximateNumberOfMessagesVisible",
            dimensions=dimensions,
            statistic="Maximum",
        ),
        0.0,
        says="Work was set aside: look at it, then redrive it",
        alerting=alerting,
        parent=parent,
    )
    raise_above(
        f"{name}-expiring",
        Metric(namespace="AWS/SQS", name="ApproximateAgeOfOldestMessage", dimensions=dimensions, statistic="Maximum"),
        pulumi.Output.from_input(waited_days).apply(lambda waited: float((LONGEST_RETENTION_DAYS - waited - 1) * DAY)),
        says="Work that was set aside will soon be deleted",
        alerting=alerting,
        parent=parent,
    )
