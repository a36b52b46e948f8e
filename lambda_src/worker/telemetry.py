"""Structured logs, one JSON object per line, and metrics in CloudWatch's embedded metric format."""

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
"""All other metrics have the unit Count."""


class Telemetry:
    """Writes the log lines and metrics of one invocation.

    function: the value of the metrics' dimension. request: the request id, which Lambda's own log lines have too.
    """

    def __init__(self, function: str, request: str) -> None:
        self._function, self._request = function, request

    def log(self, level: str, message: str, **fields: Any) -> None:
        """Write a log line. level: INFO, WARN or ERROR. fields: further JSON fields; empty ones are left out."""
        line = {"timestamp": _now().isoformat(), "level": level, "message": message, "requestId": self._request}
        _write(line | {key: value for key, value in fields.items() if value != ""})

    def log_failures(self, failures: Iterable[Failure], **fields: Any) -> None:
        """Log for each message why it failed, with its correlation id and X-Ray trace id."""
        for failure in failures:
            message = failure.message
            self.log(
                "ERROR" if failure.permanent else "WARN",
                "message is set aside" if failure.permanent else "message is put back",
                reason=failure.reason,
                messageId=message.message_id,
                correlationId=message.correlation,
                traceId=message.trace,
                receives=message.receives,
                **fields,
            )

    def log_batch(self, batch: Batch, measured: Mapping[str, float], seconds: float, **fields: Any) -> None:
        """Log the outcome of a batch as one line and as metrics. measured: further metrics of the caller."""
        poison = sum(failure.permanent for failure in batch.failures)
        counted = {
            "Items": len(batch.items),
            "Duplicates": batch.duplicates,
            "Poison": poison,
            "PutBack": len(batch.failures) - poison,
            "BatchLatency": seconds * 1_000,
            **measured,
        }
        correlations = [message.correlation for each in batch.deliveries.values() for message in each]
        self.log("INFO", "batch is done", correlationIds=correlations, **counted, **fields)
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
