"""A batch of messages: the event of a function, and the outcome of each message."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from localcloud.checkout import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Stored = dict[str, Any]
"""A message as ministack keeps it."""


def record(message: Stored, queue_arn: str) -> dict[str, Any]:
    """Return a message as an event record (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html)."""
    attributes = {
        "ApproximateReceiveCount": str(message["receive_count"]),
        "SentTimestamp": str(int(message["sent_at"] * 1000)),
        "SenderId": str((message.get("sys") or {}).get("SenderId", ACCOUNT)),
        "ApproximateFirstReceiveTimestamp": str(int((message.get("first_receive_at") or time.time()) * 1000)),
    }
    fifo = {"MessageGroupId": "group_id", "MessageDeduplicationId": "dedup_id", "SequenceNumber": "seq"}
    attributes |= {name: str(message[key]) for name, key in fifo.items() if message.get(key)}
    for name in ("AWSTraceHeader", "DeadLetterQueueSourceArn"):
        if name in (message.get("sys") or {}):
            attributes[name] = str(message["sys"][name])
    found = {
        "messageId": message["id"],
        "receiptHandle": message["receipt_handle"],
        "body": message["body"],
        "attributes": attributes,
        "messageAttributes": _attributes(message.get("message_attributes") or {}),
        "md5OfBody": message["md5_body"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
    return found | ({"md5OfMessageAttributes": message["md5_attrs"]} if message.get("md5_attrs") else {})


def failed_messages(ids: Iterable[str], answer: object, *, partial: bool) -> set[str]:
    """Return the messages that a function's response leaves in the queue.

    partial: whether the mapping reports batch item failures. A response in another format, or with the id of a message
    that was not in the batch, fails all messages
    (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
    """
    everything = set(ids)
    if not partial or not answer:
        return set()
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            return everything
        if not answer:
            return set()
    if not isinstance(answer, dict):
        return everything
    failures = answer.get("batchItemFailures")
    if not failures:
        return set()
    if not isinstance(failures, list) or not all(isinstance(failure, dict) for failure in failures):
        return everything
    named = {failure.get("itemIdentifier") for failure in failures}
    return {str(name) for name in named} if named <= everything else everything


def return_messages(messages: Sequence[Stored], handles: Mapping[str, str], seconds: float) -> None:
    """Make messages visible after so many seconds, unless they were received again meanwhile."""
    soon = time.time() + seconds
    for message in messages:
        if message["receipt_handle"] == handles[message["id"]]:
            message["visible_at"] = min(message["visible_at"], soon)


def _attributes(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: {"stringListValues": [], "binaryListValues": []}
        | {key[:1].lower() + key[1:]: value for key, value in value.items()}
        for name, value in stored.items()
    }
