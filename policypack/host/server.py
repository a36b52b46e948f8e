"""Serving an analyzer to the engine: the port on stdout, nothing else on it, and gone at the first interrupt."""

from __future__ import annotations

import gc
import os
import signal
import sys
from concurrent import futures
from functools import cache
from itertools import pairwise
from traceback import walk_tb
from typing import TYPE_CHECKING, Final, NoReturn, Self

import grpc

from policypack.host.request_reading import handler

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerServicer

_CHECKS: Final = ("/policypack/rule.py",)
_RUNNERS: Final = frozenset({"pulumi.policy", "pulumi.run.plugin"})  # what Pulumi's language host starts packs with
_LARGEST_REQUEST: Final = 400 * 1024 * 1024  # bytes; what the engine allows itself to send
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", _LARGEST_REQUEST),
    ("grpc.max_send_message_length", _LARGEST_REQUEST),
    ("grpc.so_reuseport", 0),
)


class PortLine:
    """The engine's pipe: it reads the port from the first line of stdout and takes anything else for a fault.

    Make one before a rule is imported: from then on whatever prints to stdout is found on stderr. Import the rules
    inside its `with`: a rule or a pack that cannot be ends the process with one line that says why.
    """

    def __init__(self) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, _leave)  # an interrupt while rules are imported ends without a traceback
        sys.stdout.flush()
        self._engine = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End in one line where the checks of `@rule` refused; everything else is Python's to tell."""
        frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(trace)]
        if isinstance(error, (TypeError, ValueError)) and frames[-1][0].endswith(_CHECKS):
            file, line = next(frame for frame in reversed(frames) if not frame[0].endswith((*_CHECKS, ">")))
            sys.exit(f"error: {error} ({file}:{line})")

    def write(self, port: int) -> None:
        """Tell the engine the port, once."""
        os.write(self._engine, f"{port}\n".encode())


@cache
def port_line() -> PortLine:
    """The one port line of this process, made at the first call."""
    return PortLine()


def started_by_pulumi() -> bool:
    """Whether Pulumi's language host started this process as a policy pack."""
    return any(option == "-m" and module in _RUNNERS for option, module in pairwise(sys.orig_argv))


def settle() -> None:
    """Keep the garbage collector from looking through what stays: a third of the time of a large run."""
    gc.freeze()  # what was imported
    gc.set_threshold(50_000, 20, 50)  # verdicts are kept to the end, and hold no cycles


def run_server(
    servicer: AnalyzerServicer, line: PortLine, *, workers: int = 4, leaving: Callable[[], None] | None = None
) -> NoReturn:
    """Serve on a free port of 127.0.0.1 until the engine interrupts or ends us, then leave at once.

    `leaving` is called first; what it raises is of no interest any more.
    """

    def leave(number: int, _frame: object) -> NoReturn:
        try:
            if leaving is not None:
                leaving()
        finally:
            _leave(number, None)

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, leave)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=workers), options=_OPTIONS)
    server.add_generic_rpc_handlers((handler(servicer),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    settle()
    line.write(port)
    server.wait_for_termination()
    sys.exit(0)


def _leave(number: int, _frame: object) -> NoReturn:
    """End without waiting for calls in flight: the engine gives us five seconds, and the user none."""
    os._exit(0 if number == signal.SIGINT else 128 + number)
