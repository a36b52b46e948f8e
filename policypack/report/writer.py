"""The report that a run leaves where somebody asked for one."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policypack.judge.ledger import VARIABLE, write

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE: Final = 1.0  # seconds between two reports of one update that goes on after it was stopped


class Reports:
    """Writes the report into the folder that POLICYPACK_REPORT names. `trouble` says why there is none, if so."""

    def __init__(self) -> None:
        self._folder = os.environ.get(VARIABLE, "")
        self._last = 0.0
        self._held_back: Callable[[], dict[str, Any]] | None = None
        self.trouble = ""
        if self._folder and not Path(self._folder).is_absolute():
            # The engine starts the pack in the pack's own folder, and does not say where the user was.
            self.trouble = f"{VARIABLE} is {self._folder}, and has to be an absolute path; no report was written"

    @property
    def where(self) -> str:
        """Where everything is found that does not fit into an answer."""
        if self._folder and not self.trouble:
            return f"All of them are in the report in {self._folder}."
        return f"Set {VARIABLE} to a folder's absolute path to find all of them in a report there."

    def write(self, report: Callable[[], dict[str, Any]]) -> None:
        """Write the report of a run that is over."""
        self._held_back = None
        if not self._folder or (self.trouble and not Path(self._folder).is_absolute()):
            return
        try:
            write(report(), self._folder)
            self.trouble = ""
        except OSError as error:
            self.trouble = f"the report could not be written to {self._folder}: {error.strerror}"
        self._last = time.monotonic()

    def write_soon(self, report: Callable[[], dict[str, Any]]) -> None:
        """Write the report of a run that may be over: there may be no other call. Not more often than now and then."""
        if time.monotonic() - self._last >= _PAUSE:
            self.write(report)
        else:
            self._held_back = report

    def flush(self) -> None:
        """Write what was held back, now that the process ends."""
        if self._held_back is not None:
            self.write(self._held_back)
