"""The worker for an asynchronous endpoint: submits a batch; `collect` stores the results."""

from __future__ import annotations

import time
from typing import Any

import clients
from async_batches import SubmittedBatch
from batch_response import partial_batch_response
from logic import claim_items, read_batch
from messages import Message, UnavailableError
from submit_client import async_model


def handle(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Submit a batch. Return the messages that failed; the others are deleted, and `collect` requeues failed items."""
    started = time.monotonic()
    batch, owner = read_batch(Message.of(record) for record in event["Records"]), clients.new_owner()
    model, store, telemetry = async_model(), clients.store(owner), clients.telemetry(context)
    items, handed_in = claim_items(batch, store), 0
    if items:
        ids = [item.id for item in items]
        attempts = tuple(batch.attempts(id_) for id_ in ids)
        correlations = tuple(batch.deliveries[id_][0].correlation for id_ in ids)
        try:
            model.submit(SubmittedBatch(owner, model.endpoint, tuple(items), attempts, correlations))
            store.mark_submitted(ids)
            handed_in = len(items)
        except UnavailableError as error:
            batch.fail_all(ids, str(error))
            store.release_quietly(ids)
    telemetry.log_batch(batch, {"HandedIn": handed_in}, time.monotonic() - started, batchId=owner)
    return partial_batch_response(event, batch.failures, telemetry)
