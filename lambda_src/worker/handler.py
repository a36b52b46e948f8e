"""The worker: takes a batch of messages from the queue, and leaves one result in the table for each item."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from clients import deliveries, ports
from logic import decide, keep, read
from messages import Message

log = logging.getLogger(__name__)


def handle(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Answer with the messages that failed, which SQS then delivers again or sets aside; it deletes the others."""
    model, store = ports()
    records = event["Records"]
    batch = read(Message(record["messageId"], record["body"], record.get("receiptHandle", "")) for record in records)
    results = decide(batch, model, now=datetime.now(UTC).isoformat())
    keep(batch, results, store)
    if hopeless := batch.hopeless():
        deliveries().return_now(records[0]["eventSourceARN"], hopeless)
    for failure in batch.failures:
        log.warning("message %s failed: %s", failure.receipt, failure.reason)
    return {"batchItemFailures": [{"itemIdentifier": failure.receipt} for failure in batch.failures]}
