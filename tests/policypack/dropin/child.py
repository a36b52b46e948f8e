"""Packs as Pulumi's language host starts them: processes that print a port and answer over gRPC."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from localcloud.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from google.protobuf.message import Message

STOCK = "from pulumi_policy import PolicyPack"
OURS = "from policypack.dropin import PolicyPack"
"""The one line that a pack changes."""


class Child:
    """A running pack."""

    def __init__(self, process: subprocess.Popen[str], first_line: str) -> None:
        self.process = process
        self._channel = grpc.insecure_channel(f"127.0.0.1:{int(first_line)}")
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)

    def ask(self, method: str, request: Message) -> Any:
        """The answer, or the code and the text of the error in its place."""
        try:
            return getattr(self._stub, method)(request, timeout=30)
        except grpc.RpcError as error:
            return error.code(), error.details()

    def close(self) -> None:
        """Hang up."""
        self._channel.close()


@contextmanager
def started(folder: Path, code: str, **environment: str) -> Iterator[Child]:
    """Run a pack's code as `python -m pulumi.policy <engine> <folder>` does; what it prints is in `folder`/stderr."""
    (folder / "__main__.py").write_text(code)
    with (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            child = Child(process, process.stdout.readline())
            yield child
            child.close()
        finally:
            process.kill()
