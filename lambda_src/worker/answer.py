"""What an invocation ends with: failed messages go back to the queue, each in its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import clients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from messages import Failure
    from telemetry import Telemetry


def give_back(
    event: dict[str, Any], failures: Sequence[Failure], telemetry: Telemetry
) -> dict[str, list[dict[str, str]]]:
    """Answer Lambda with the messages that failed, after saying why and when each should be delivered again."""
    if failures:
        telemetry.failed(failures)
        problem = clients.deliveries().put_back(event["Records"][0].get("eventSourceARN", ""), failures)
        if problem:
            telemetry.say("WARN", "messages come back later than they should", reason=problem)
    return {"batchItemFailures": [{"itemIdentifier": failure.message.receipt} for failure in failures]}
