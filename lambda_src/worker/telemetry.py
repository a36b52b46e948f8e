"""What the worker says: one JSON object a line, which CloudWatch Logs indexes and CloudWatch makes metrics of."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from logic import Batch
    from messages import Failure

NAMESPACE: Final = "DecoupledAI"
DIMENSION: Final = "Function"
UNITS: Final = {"ModelLatency": "Milliseconds", "BatchLatency": "Milliseconds"}
"""Of all other metrics the unit is Count."""


class Telemetry:
    """Writes lines about one invocation.

    function: whose metrics these are. request: the invocation's id, which Lambda's own lines carry too.
    """

    def __init__(self, function: str, request: str) -> None:
        self._function, self._request = function, request

    def say(self, level: str, message: str, **fields: Any) -> None:
        """Write a line with a level (INFO, WARN, ERROR), a message, and whatever identifies what it is about."""
        line = {"timestamp": _now().isoformat(), "level": level, "message": message, "requestId": self._request}
        _write(line | {key: value for key, value in fields.items() if value != ""})

    def failed(self, failures: Iterable[Failure], **fields: Any) -> None:
        """Say of each message why it failed, and by what its sender and X-Ray know it."""
        for failure in failures:
            message = failure.message
            self.say(
                "ERROR" if failure.hopeless else "WARN",
                "message is set aside" if failure.hopeless else "message is put back",
                reason=failure.reason,
                messageId=message.receipt,
                correlationId=message.correlation,
                traceId=message.trace,
                receives=message.receives,
                **fields,
            )

    def batch(self, batch: Batch, measured: Mapping[str, float], seconds: float, **fields: Any) -> None:
        """Say what became of a batch, in a line and in metrics; measured: what only the caller knows."""
        poison = sum(failure.hopeless for failure in batch.failures)
        counted = {
            "Items": len(batch.items),
            "Duplicates": batch.duplicates,
            "Poison": poison,
            "PutBack": len(batch.failures) - poison,
            "BatchLatency": seconds * 1_000,
            **measured,
        }
        correlations = [message.correlation for each in batch.deliveries.values() for message in each]
        self.say("INFO", "batch is done", correlationIds=correlations, **counted, **fields)
        self.metrics(counted)

    def metrics(self, values: Mapping[str, float]) -> None:
        """Write metrics in the embedded metric format.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
        """
        named = [{"Name": name, "Unit": UNITS.get(name, "Count")} for name in values]
        directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": named}
        stamp = int(_now().timestamp() * 1_000)
        _write(
            {"_aws": {"Timestamp": stamp, "CloudWatchMetrics": [directive]}, DIMENSION: self._function}
            | {"requestId": self._request, **values}
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _write(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
