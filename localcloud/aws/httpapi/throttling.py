"""Throttling and access logs of a stage.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html and http-api-logging.html.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from ministack.services import cloudwatch_logs

from localcloud.aws.patching import private
from localcloud.checkout import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

groups = private(cloudwatch_logs, "_log_groups")
create_stream = private(cloudwatch_logs, "_create_log_stream")
put_events = private(cloudwatch_logs, "_put_log_events")

VARIABLE: Final = re.compile(r"\$context\.([A-Za-z0-9_.]+)")
ACCOUNT_RATE: Final = 10_000.0
ACCOUNT_BURST: Final = 5_000.0
"""An account's default limits in a region: requests per second, and concurrent requests."""


@dataclass
class Bucket:
    """A token bucket. rate: tokens per second. burst: its capacity."""

    rate: float
    burst: float
    tokens: float = field(init=False)
    at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def take(self) -> bool:
        """Take a token if there is one."""
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Throttle:
    """The token buckets of all stages and routes; a changed setting starts a new bucket."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def allows(self, api: str, stage: str, settings: Mapping[str, Any], route: str) -> bool:
        """Whether a request to a route is within the limits. settings: of the stage."""
        own = (settings.get("routeSettings") or {}).get(route) or {}
        wanted = {**(settings.get("defaultRouteSettings") or {}), **own}
        rate = float(wanted.get("throttlingRateLimit") or ACCOUNT_RATE)
        burst = float(wanted.get("throttlingBurstLimit") or ACCOUNT_BURST)
        place = (api, stage, route)
        found = self._buckets.get(place)
        if found is None or (found.rate, found.burst) != (rate, burst):
            found = self._buckets[place] = Bucket(rate, burst)
        return found.take()


def log(stage: Mapping[str, Any], about: Mapping[str, object]) -> None:
    """Write a line to the access log of a stage, if it is configured and its log group exists."""
    settings = stage.get("accessLogSettings") or {}
    group = str(settings.get("destinationArn", "")).partition(":log-group:")[2].removesuffix(":*")
    if group not in groups:
        return
    now = time.time()
    known = {
        "accountId": ACCOUNT,
        "extendedRequestId": about.get("requestId", "-"),
        "identity.sourceIp": "127.0.0.1",
        "protocol": "HTTP/1.1",
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        **about,
    }
    line = VARIABLE.sub(lambda found: str(known.get(found[1].rstrip("."), "-")), str(settings.get("format", "")))
    stream = f"{about['apiId']}-{stage['stageName'].strip('$')}"
    if stream not in groups[group]["streams"]:
        create_stream({"logGroupName": group, "logStreamName": stream})
    events = [{"timestamp": int(now * 1000), "message": line}]
    put_events({"logGroupName": group, "logStreamName": stream, "logEvents": events})


def request_id() -> str:
    """Return a request id in API Gateway's format."""
    return uuid4().hex[:16]


THROTTLE: Final = Throttle()
