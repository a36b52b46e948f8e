"""The collector: stores what an endpoint that answers later made of a batch, and puts back what it could not do.

It is also told of deployments; before an endpoint goes, it takes back what that has not answered.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import clients
from answer import give_back
from answers import Notification
from collect_client import answers, outbox
from logic import match
from messages import Failure, InvalidMessageError, Message, UnavailableError
from withdraw import DEPLOYMENT, ENDPOINT, withdraw

if TYPE_CHECKING:
    from messages import Result
    from telemetry import Telemetry


def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer with the notifications that failed, which SQS then delivers again or sets aside; it deletes the others."""
    telemetry, failures = clients.telemetry(context), []
    if DEPLOYMENT in event:
        return withdraw(event[DEPLOYMENT]["action"], event.get(ENDPOINT), telemetry)
    for message in map(Message.of, event["Records"]):
        try:
            settle(Notification.of(message.body, answers().bucket), telemetry)
        except InvalidMessageError as error:
            failures.append(Failure(message, str(error), hopeless=True))
        except UnavailableError as error:
            failures.append(Failure(message, str(error)))
    return give_back(event, failures, telemetry)


def settle(told: Notification, telemetry: Telemetry) -> None:
    """Store a batch's results; let go of its other items before they are sent again, or nobody could take them on.

    Raises UnavailableError: then nothing is lost by doing all of it again.
    """
    store, batch = clients.store(told.batch), answers().submitted(told.batch)
    if batch is None:
        return
    ids = [item.id for item in batch.items]
    results: list[Result] = []
    failed = dict.fromkeys(ids, told.reason)
    if not told.reason:
        now = datetime.now(UTC).isoformat()
        results, failed = match(ids, answers().predictions(told.output), batch.endpoint, now)
    if results:
        store.keep(results)
    if failed:
        returned = batch.pick(store.release(list(failed)))
        outbox().send((item, attempts + 1, correlation) for item, attempts, correlation in returned)
        for item, attempts, correlation in returned:
            telemetry.say(
                "WARN",
                "item is put back",
                reason=failed[item.id],
                id=item.id,
                correlationId=correlation,
                attempts=attempts + 1,
                batchId=told.batch,
            )
    answers().settled(told.batch)
    telemetry.metrics({"Stored": len(results), "PutBack": len(failed)})
