"""The worker for an endpoint that answers later: hands a batch in, and leaves the rest to `collect`."""

from __future__ import annotations

import time
from typing import Any

import clients
from answer import give_back
from batches import Submitted
from logic import read, take_on
from messages import Message, UnavailableError
from submit_client import handing_in


def handle(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Answer with the messages that failed. Those of the others are deleted: `collect` puts back what goes wrong."""
    began = time.monotonic()
    batch, owner = read(Message.of(record) for record in event["Records"]), clients.new_owner()
    model, store, telemetry = handing_in(), clients.store(owner), clients.telemetry(context)
    items, handed_in = take_on(batch, store), 0
    if items:
        ids = [item.id for item in items]
        attempts = tuple(batch.attempts(id_) for id_ in ids)
        correlations = tuple(batch.deliveries[id_][0].correlation for id_ in ids)
        try:
            model.submit(Submitted(owner, model.endpoint, tuple(items), attempts, correlations))
            store.submitted(ids)
            handed_in = len(items)
        except UnavailableError as error:
            batch.fail_all(ids, str(error))
            store.let_go(ids)
    telemetry.batch(batch, {"HandedIn": handed_in}, time.monotonic() - began, batchId=owner)
    return give_back(event, batch.failures, telemetry)
