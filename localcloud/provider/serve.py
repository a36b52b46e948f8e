"""The gRPC server, which ends on SIGINT or SIGTERM after the running calls."""

from __future__ import annotations

import signal
import sys
from concurrent import futures
from typing import TYPE_CHECKING, Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from localcloud.provider.provider import Provider
from localcloud.provider.servicer import servicer

if TYPE_CHECKING:
    from types import FrameType

OPTIONS: Final = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]
"""The engine's own limit."""

GRACE_SECONDS: Final = 4.0
"""For calls that are under way; the engine waits 5 s before it kills."""


def start(provider: Provider) -> tuple[grpc.Server, int]:
    """Start serving on a free loopback port; return server and port."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer(provider), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def serve() -> None:
    """Serve until a signal arrives. The first line on stdout is the port, as the engine expects."""
    server, port = start(Provider())

    def leave(_signal: int, _frame: FrameType | None) -> None:
        server.stop(GRACE_SECONDS)

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
