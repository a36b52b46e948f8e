"""Terminal output: progress, colours, and errors with the next step."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET_SECONDS = 3.0  # longer work reports that it is still in progress


class UserError(Exception):
    """An error that the user can fix: what is wrong, what is allowed or known, and a command to paste. Exit code 2."""

    def __init__(self, what: str, known: str = "", paste: str = "") -> None:
        self.what, self.known, self.paste = what, known, paste
        super().__init__("\n".join(filter(None, (what, known, paste))))

    def __str__(self) -> str:
        lines = [f"error: {self.what}"] + [f"       {line}" for line in (self.known, self.paste) if line]
        return "\n".join(lines)


def paint(text: str, code: str) -> str:
    """Colour text with an ANSI code, on a terminal only and never under NO_COLOR."""
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def say(text: str) -> None:
    """Print one line of progress to stderr; stdout is for results."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the place that prints


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Report that `what` is in progress: after 3 s, then every 10 s, then its duration."""
    started, done = time.monotonic(), threading.Event()

    def report() -> None:
        wait = QUIET_SECONDS
        while not done.wait(wait):
            say(f"  {what} ... {time.monotonic() - started:.0f} s")
            wait = 10.0

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if time.monotonic() - started >= QUIET_SECONDS:
            say(f"  {what}: {time.monotonic() - started:.1f} s")
