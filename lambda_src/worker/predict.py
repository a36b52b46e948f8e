"""The worker for a real-time endpoint: processes a batch of messages, and stores one result for each item."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import clients
from batch_response import partial_batch_response
from logic import process_batch, read_batch
from messages import Message
from predict_client import model as endpoint


def handle(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Process a batch. Return the messages that failed, which SQS delivers again or moves to the dead-letter queue."""
    started = time.monotonic()
    batch = read_batch(Message.of(record) for record in event["Records"])
    model, telemetry = endpoint(), clients.telemetry(context)
    stored = process_batch(batch, model, clients.store(clients.new_owner()), now=datetime.now(UTC).isoformat())
    telemetry.log_batch(batch, {"Stored": stored, "ModelLatency": model.seconds * 1_000}, time.monotonic() - started)
    return partial_batch_response(event, batch.failures, telemetry)
