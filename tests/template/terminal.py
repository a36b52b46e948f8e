"""A pseudo-terminal for commands that ask questions."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

CONTROL = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>]|\([AB0])|\r")
PATIENCE = 60.0
"""Seconds after which a command is taken to wait for ever."""


class Terminal:
    """A command in its own process group on a pseudo-terminal; it is interrupted at the end of the context."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._raw = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for sent in (signal.SIGINT, signal.SIGKILL):
            if self._process.poll() is None:
                os.killpg(self._process.pid, sent)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=15)
        os.close(self._ours)

    @property
    def shown(self) -> str:
        """The output so far, without escape sequences."""
        return CONTROL.sub(b"", self._raw).decode(errors="replace")

    def read_until(self, text: str) -> str:
        """Read until this text is shown; return the output so far."""
        until = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < until, f"{text!r} is not shown:\n{self.shown}"
            if select.select([self._ours], [], [], 0.5)[0]:
                try:
                    self._raw += os.read(self._ours, 65536)
                except OSError as ended:  # Linux says so when nobody is at the other end
                    raise AssertionError(f"it ended without {text!r}:\n{self.shown}") from ended
        return self.shown

    def answer(self, question: str, text: str) -> None:
        """Wait for a question and type the answer."""
        self.read_until(question)
        os.write(self._ours, text.encode() + b"\r")
