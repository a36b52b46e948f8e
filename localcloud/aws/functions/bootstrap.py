"""The process of a function: imports the handler once, then processes one invocation after the other.

Started as a file by an interpreter of the function's runtime, with the standard library only. Frames (four bytes of
length, then JSON) arrive on standard input and are written to the descriptor in the first argument; everything that the
handler prints goes to the log. The process ends with the server, when its standard input is closed.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import logging
import os
import queue
import signal
import struct
import sys
import threading
import time
import traceback
from typing import Any, BinaryIO

END_MARK = "\0end "
PR_SET_PDEATHSIG = 1
GENTLE = 5  # how much a function gives way to the server that all functions wait for


class Context:
    """The handler's second argument (https://docs.aws.amazon.com/lambda/latest/dg/python-context.html)."""

    def __init__(self, frame: dict[str, Any]) -> None:
        self._deadline = time.monotonic() + float(frame["seconds"])
        self.aws_request_id = frame["request_id"]
        self.invoked_function_arn = frame["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time of the invocation in milliseconds."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, text: str) -> None:
        """Write to the log."""
        sys.stdout.write(str(text))


class Formatter(logging.Formatter):
    """The log lines of Lambda's own Python runtime, as text or as JSON."""

    request_id = ""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Format one line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        if not self._as_json:
            head = f"[{record.levelname}]\t{stamp}.{int(record.msecs):03d}Z\t{Formatter.request_id}\t"
            tail = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
            return head + record.getMessage() + tail
        line = {"timestamp": stamp + "Z", "level": record.levelname, "message": record.getMessage()}
        line |= {"logger": record.name, "requestId": Formatter.request_id}
        if record.exc_info:
            line["stackTrace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def main() -> None:
    """Serve until standard input is closed."""
    replies = os.fdopen(int(sys.argv[1]), "wb", buffering=0)
    _exit_with_parent(int(sys.argv[2]))
    os.nice(GENTLE)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    source = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the handler's standard input is empty
    threading.Thread(target=_feed, args=(source, requests), daemon=True).start()
    sys.path[0:1] = [os.environ["LAMBDA_TASK_ROOT"], *filter(None, sys.argv[4].split(os.pathsep))]
    sys.path.append(sys.argv[3])
    _log_like_lambda()
    try:
        handler = _load(os.environ["_HANDLER"])
    except BaseException as error:  # noqa: BLE001 - whatever importing the function raises is the function's error
        _reply(replies, {"init": _described(error)})
        return
    _reply(replies, {"init": None})
    while True:
        frame = requests.get()
        answer = _invoke(handler, frame)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os.write(1, f"{END_MARK}{frame['request_id']}\n".encode())
        _reply(replies, answer)


def _exit_with_parent(parent: int) -> None:
    """Be killed when the server dies, even while the handler is busy (Linux; elsewhere `_feed` detects it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _feed(source: BinaryIO, requests: queue.SimpleQueue[dict[str, Any]]) -> None:
    while True:
        head = source.read(4)
        body = source.read(struct.unpack(">I", head)[0]) if len(head) == 4 else b""  # noqa: PLR2004 - the length's length
        if not body:
            os._exit(0)
        requests.put(json.loads(body))


def _reply(replies: Any, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    view = memoryview(struct.pack(">I", len(body)) + body)
    while view:
        view = view[replies.write(view) :]


def _log_like_lambda() -> None:
    as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(Formatter(as_json=as_json))
    logging.getLogger().addHandler(lines)
    if as_json:
        logging.getLogger().setLevel(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO").replace("TRACE", "DEBUG"))


def _load(handler: str) -> Any:
    module, _, name = handler.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def _invoke(handler: Any, frame: dict[str, Any]) -> dict[str, Any]:
    Formatter.request_id = frame["request_id"]
    os.environ.pop("_X_AMZN_TRACE_ID", None)
    if frame.get("trace"):
        os.environ["_X_AMZN_TRACE_ID"] = frame["trace"]
    try:
        result = handler(frame["event"], Context(frame))
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is the function's error
        described = _described(error)
        sys.stdout.write(f"[ERROR] {described['errorType']}: {described['errorMessage']}\n")
        sys.stdout.write("Traceback (most recent call last):\n" + "".join(described["stackTrace"]))
        return {"error": {**described, "requestId": frame["request_id"]}}
    try:
        return {"result": json.dumps(result)}
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        return {"error": {"errorType": "Runtime.MarshalError", "errorMessage": message, "stackTrace": []}}


def _described(error: BaseException) -> dict[str, Any]:
    kind = type(error).__name__
    if isinstance(error, ImportError):
        kind = "Runtime.ImportModuleError"
    elif isinstance(error, SystemExit):
        kind = "Runtime.ExitError"
    frames = traceback.format_tb(error.__traceback__)
    own = [frame for frame in frames if __file__ not in frame]
    return {"errorType": kind, "errorMessage": str(error), "stackTrace": own}


if __name__ == "__main__":
    main()
