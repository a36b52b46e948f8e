"""Changes to ministack's SNS: undeliverable messages go to the subscription's dead-letter queue."""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import sns, sqs

from localcloud.aws.patching import private, replace
from localcloud.checkout import ACCOUNT

topics = private(sns, "_topics")
queue_by_arn = private(sqs, "_queue_by_arn")

SERVICE: Final = "sns.amazonaws.com"


def apply() -> None:
    """Ministack stores the redrive policy of a subscription but drops the message.

    https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html: client errors are not retried.
    """
    deliver = private(sns, "_deliver_to_sqs")

    def delivered(endpoint: str, *rest: Any, topic_arn: str = "", **more: Any) -> None:
        if not _open(endpoint, topic_arn):
            endpoint = _dead_letters(topic_arn, endpoint) or endpoint
        deliver(endpoint, *rest, topic_arn=topic_arn, **more)

    replace(sns, "_deliver_to_sqs", delivered)


def _open(queue: str, topic: str) -> bool:
    return queue_by_arn(queue) is not None and bool(sqs.queue_policy_allows(queue, SERVICE, topic, ACCOUNT))


def _dead_letters(topic: str, endpoint: str) -> str:
    """Return the ARN of the dead-letter queue of a subscription; empty if it has none."""
    for subscription in (topics.get(topic) or {"subscriptions": []})["subscriptions"]:
        if subscription.get("endpoint") == endpoint:
            policy = json.loads(subscription.get("attributes", {}).get("RedrivePolicy") or "{}")
            return str(policy.get("deadLetterTargetArn", ""))
    return ""
