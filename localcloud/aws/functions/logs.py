"""The log of a function, written to its log group with the permissions of its role."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core.lambda_runtime import execution_credentials
from ministack.services import cloudwatch_logs

from localcloud.aws import authorization
from localcloud.aws.http_messages import arn
from localcloud.aws.patching import private

if TYPE_CHECKING:
    from localcloud.aws.functions.deployment_package import Package
    from localcloud.aws.functions.execution_environment import Environment, Outcome

groups = private(cloudwatch_logs, "_log_groups")
create_group = private(cloudwatch_logs, "_create_log_group")
create_stream = private(cloudwatch_logs, "_create_log_stream")
put_events = private(cloudwatch_logs, "_put_log_events")

EVENT_BYTES: Final = 250_000  # an event may have 256 KB with its overhead
BATCH_EVENTS: Final = 10_000


def write(environment: Environment, request_id: str, outcome: Outcome) -> None:
    """Write the log lines of one invocation, between those of Lambda itself."""
    package, stream = environment.package, environment.stream
    if not _ready(package, stream):
        return
    now = int(time.time() * 1000)
    lines = [_start(package, request_id), *outcome.log]
    if outcome.error is not None and outcome.error["errorType"].startswith(("Sandbox.", "Runtime.Exit")):
        lines.append(str(outcome.error["errorMessage"]))
    lines += _report(package, request_id, outcome)
    events = [{"timestamp": now, "message": line[:EVENT_BYTES] or " "} for line in lines][:BATCH_EVENTS]
    put_events({"logGroupName": package.log_group, "logStreamName": stream, "logEvents": events})


def _ready(package: Package, stream: str) -> bool:
    """Whether the log stream exists or the role may create it; writing needs another permission."""
    key = execution_credentials(package.config)["AWS_ACCESS_KEY_ID"]
    target = arn("logs", f"log-group:{package.log_group}:log-stream:{stream}")
    names = {"logGroupName": package.log_group, "logStreamName": stream}
    if package.log_group not in groups:
        if authorization.denial(key, "logs:CreateLogGroup", arn("logs", f"log-group:{package.log_group}:log-stream:")):
            return False
        create_group(names)
    if stream not in groups[package.log_group]["streams"]:
        if authorization.denial(key, "logs:CreateLogStream", target):
            return False
        create_stream(names)
    return authorization.denial(key, "logs:PutLogEvents", target) is None


def _start(package: Package, request_id: str) -> str:
    if not package.logs_json:
        return f"START RequestId: {request_id} Version: {package.version}"
    return _platform("platform.start", {"requestId": request_id, "version": package.version})


def _report(package: Package, request_id: str, outcome: Outcome) -> list[str]:
    spent, memory = outcome.milliseconds, int(package.config.get("MemorySize", 128))
    if package.logs_json:
        metrics = {"durationMs": round(spent, 2), "memorySizeMB": memory, "maxMemoryUsedMB": outcome.memory_mb}
        status = "success" if outcome.error is None else "error"
        return [_platform("platform.report", {"requestId": request_id, "status": status, "metrics": metrics})]
    report = f"REPORT RequestId: {request_id}\tDuration: {spent:.2f} ms\tBilled Duration: {spent:.0f} ms\t"
    return [
        f"END RequestId: {request_id}",
        report + f"Memory Size: {memory} MB\tMax Memory Used: {outcome.memory_mb} MB",
    ]


def _platform(kind: str, record: dict[str, Any]) -> str:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return json.dumps({"time": stamp, "type": kind, "record": record})
