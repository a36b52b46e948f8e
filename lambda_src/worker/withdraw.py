"""Before an asynchronous endpoint is deleted, the items of its open batches are sent to the work queue again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

import clients
from collect_client import async_results, requeuer

if TYPE_CHECKING:
    from telemetry import Telemetry

DEPLOYMENT: Final = "deployment"
"""The event field with Pulumi's action on the aws.lambda.Invocation resource (`create`, `update`, `delete`)."""
ENDPOINT: Final = "endpoint"
"""The event field with the endpoint's name."""
PARALLEL_BATCHES: Final = 8
"""Batches handled in parallel: each takes four requests, and all have to fit into one invocation."""


def withdraw(action: str, endpoint: str | None, telemetry: Telemetry) -> dict[str, int]:
    """On `delete`, requeue the items of an endpoint's open batches. Return the number of open batches of all endpoints.

    endpoint: its name; None for the batches of every endpoint.

    Open batches include those that the endpoint refused: another invocation owns their items by now and keeps them.

    Raises UnavailableError, and times out if there are very many: then the deletion fails before the endpoint is
    touched, and the next deployment requeues the rest.
    """
    if action != "delete":
        return {"batches": 0}
    with ThreadPoolExecutor(PARALLEL_BATCHES) as pool:
        taken = list(
            pool.map(partial(_requeue_batch, endpoint=endpoint, telemetry=telemetry), async_results().open_batches())
        )
    telemetry.metrics({"PutBack": sum(taken)})
    return {"batches": len(taken)}


def _requeue_batch(id_: str, endpoint: str | None, telemetry: Telemetry) -> int:
    """Requeue a batch's items that have no result; return how many. Batches of other endpoints are left alone."""
    batch = async_results().find_batch(id_)
    if batch is None or endpoint not in (None, batch.endpoint):
        return 0
    returned = batch.pick(clients.store(id_).release([item.id for item in batch.items]))
    requeuer().send(returned, at_once=True)
    async_results().delete_batch(id_)
    for item, attempts, correlation in returned:
        telemetry.log(
            "INFO",
            "item is taken back",
            reason="the endpoint is going",
            id=item.id,
            correlationId=correlation,
            attempts=attempts,
            batchId=id_,
        )
    return len(returned)
