"""The worker: takes a batch of messages from the queue, and leaves one result in the table for each item."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import clients
from answer import give_back
from logic import read, work
from messages import Message
from model_client import model as endpoint


def handle(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Answer with the messages that failed, which SQS then delivers again or sets aside; it deletes the others."""
    began = time.monotonic()
    batch = read(Message.of(record) for record in event["Records"])
    model, telemetry = endpoint(), clients.telemetry(context)
    stored = work(batch, model, clients.store(clients.new_owner()), now=datetime.now(UTC).isoformat())
    telemetry.batch(batch, {"Stored": stored, "ModelLatency": model.seconds * 1_000}, time.monotonic() - began)
    return give_back(event, batch.failures, telemetry)
