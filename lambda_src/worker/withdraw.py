"""The end of an endpoint that answers later: what it has not answered is work again, for whatever comes after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

import clients
from collect_client import answers, outbox

if TYPE_CHECKING:
    from telemetry import Telemetry

DEPLOYMENT: Final = "deployment"
"""Under which Pulumi says what it does with the resource that stands for this (`create`, `update`, `delete`)."""
ENDPOINT: Final = "endpoint"
"""Under which it says which endpoint that is about."""
AT_ONCE: Final = 8
"""Batches: each takes four requests, and all have the time of one invocation."""


def withdraw(action: str, endpoint: str | None, telemetry: Telemetry) -> dict[str, int]:
    """Take back all batches of an endpoint that are not settled, when it is deleted. How many were open, of any.

    endpoint: its name; None takes back the batches of every endpoint.

    Among them are those that the endpoint did not take: their items are somebody else's by now, and stay with him.

    Raises UnavailableError, and runs out of time when there are very many: then the deletion fails before the endpoint
    is touched, and the next deployment takes back the rest.
    """
    if action != "delete":
        return {"batches": 0}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        taken = list(pool.map(partial(_take_back, endpoint=endpoint, telemetry=telemetry), answers().open()))
    telemetry.metrics({"PutBack": sum(taken)})
    return {"batches": len(taken)}


def _take_back(id_: str, endpoint: str | None, telemetry: Telemetry) -> int:
    """Send a batch's items again, but for those that have their result; gives how many. None of another endpoint's."""
    batch = answers().submitted(id_)
    if batch is None or endpoint not in (None, batch.endpoint):
        return 0
    returned = batch.pick(clients.store(id_).release([item.id for item in batch.items]))
    outbox().send(returned, at_once=True)
    answers().settled(id_)
    for item, attempts, correlation in returned:
        telemetry.say(
            "INFO",
            "item is taken back",
            reason="the endpoint is going",
            id=item.id,
            correlationId=correlation,
            attempts=attempts,
            batchId=id_,
        )
    return len(returned)
