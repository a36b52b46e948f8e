"""Settings of the running local AWS, at `/_localcloud/settings`."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from localcloud.aws.http_messages import AwsError

WHOLE: Final = {"deliveries": 1, "parallel_batches": 0}
"""Settings that are whole numbers, and the least each may be."""


@dataclass
class Settings:
    """The knobs of the local AWS.

    model_latency_ms: how long InvokeEndpoint takes, in milliseconds (at start: POLICYPACK_MODEL_LATENCY_MS).
    endpoint_seconds: how long an endpoint is Creating or Updating.
    parallel_batches: batches of one event source mapping that run at the same time at most, whatever its
        maximum concurrency; this machine is smaller than AWS.
    failed_return_seconds: after how many seconds a message that a function reported as failed can be received again.
        None, as on AWS: after the rest of its queue's visibility timeout.
    deliveries: how often a message that a mapping receives is handed to its function, in invocations of their own at
        the same time. 2 makes a rule of what a standard queue does once in a while. A message is done when one of them
        says so.
    """

    model_latency_ms: float = 0.0
    endpoint_seconds: float = 0.2
    parallel_batches: int = 10
    failed_return_seconds: float | None = None
    deliveries: int = 1

    def change(self, wanted: dict[str, Any]) -> None:
        """Change the named settings.

        Raises AwsError for an unknown name or an invalid value, and then changes nothing.
        """
        known = {field.name for field in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise AwsError("ValidationException", f"no setting {name!r}; there are {', '.join(sorted(known))}")
            optional, least = name == "failed_return_seconds" and value is None, WHOLE.get(name, 0)
            if not optional and (isinstance(value, bool) or not isinstance(value, int | float) or value < least):
                raise AwsError("ValidationException", f"{name} has to be a number of at least {least}, not {value!r}")
        for name, value in wanted.items():
            setattr(self, name, int(value) if name in WHOLE else value)

    def shown(self) -> dict[str, Any]:
        """Return all settings by name."""
        return asdict(self)


SETTINGS = Settings(model_latency_ms=float(os.environ.get("POLICYPACK_MODEL_LATENCY_MS") or 0))
