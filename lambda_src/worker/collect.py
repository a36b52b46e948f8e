"""The collector: stores the results of an asynchronous endpoint, and requeues the items without a result.

Pulumi also invokes it during deployments: before an endpoint is deleted, it requeues the items of all open batches.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import clients
from async_results import Notification
from batch_response import partial_batch_response
from collect_client import async_results, requeuer
from logic import match_predictions
from messages import Failure, InvalidMessageError, Message, UnavailableError
from withdraw import DEPLOYMENT, ENDPOINT, withdraw

if TYPE_CHECKING:
    from messages import Result
    from telemetry import Telemetry


def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Process notifications. Return those that failed, which SQS delivers again or moves to the dead-letter queue."""
    telemetry, failures = clients.telemetry(context), []
    if DEPLOYMENT in event:
        return withdraw(event[DEPLOYMENT]["action"], event.get(ENDPOINT), telemetry)
    for message in map(Message.of, event["Records"]):
        try:
            complete_batch(Notification.of(message.body, async_results().bucket), telemetry)
        except InvalidMessageError as error:
            failures.append(Failure(message, str(error), permanent=True))
        except UnavailableError as error:
            failures.append(Failure(message, str(error)))
    return partial_batch_response(event, failures, telemetry)


def complete_batch(notification: Notification, telemetry: Telemetry) -> None:
    """Store a batch's results and requeue its other items.

    The claims on items are released before they are sent again; otherwise no invocation could claim them.
    Raises UnavailableError; it is safe to do all of it again.
    """
    store, batch = clients.store(notification.batch), async_results().find_batch(notification.batch)
    if batch is None:
        return
    ids = [item.id for item in batch.items]
    results: list[Result] = []
    failed = dict.fromkeys(ids, notification.reason)
    if not notification.reason:
        now = datetime.now(UTC).isoformat()
        results, failed = match_predictions(ids, async_results().predictions(notification.output), batch.endpoint, now)
    if results:
        store.save(results)
    if failed:
        returned = batch.pick(store.release(list(failed)))
        requeuer().send((item, attempts + 1, correlation) for item, attempts, correlation in returned)
        for item, attempts, correlation in returned:
            telemetry.log(
                "WARN",
                "item is put back",
                reason=failed[item.id],
                id=item.id,
                correlationId=correlation,
                attempts=attempts + 1,
                batchId=notification.batch,
            )
    async_results().delete_batch(notification.batch)
    telemetry.metrics({"Stored": len(results), "PutBack": len(failed)})
