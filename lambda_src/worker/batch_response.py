"""The partial batch response of an invocation: reports the failed messages to SQS, and when they are due again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import clients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from messages import Failure
    from telemetry import Telemetry


def partial_batch_response(
    event: dict[str, Any], failures: Sequence[Failure], telemetry: Telemetry
) -> dict[str, list[dict[str, str]]]:
    """Log each failure, set when SQS delivers the message again, and return Lambda's partial batch response.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    if failures:
        telemetry.log_failures(failures)
        problem = clients.retry_scheduler().schedule(event["Records"][0].get("eventSourceARN", ""), failures)
        if problem:
            telemetry.log("WARN", "messages come back later than they should", reason=problem)
    return {"batchItemFailures": [{"itemIdentifier": failure.message.message_id} for failure in failures]}
