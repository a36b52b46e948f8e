"""When a run writes its report: at its end, and where it may be over because a finding stopped it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from policypack.judge.stack_judge import StackJudge

VARIABLE: Final = "POLICYPACK_REPORT"
_PAUSE: Final = 1.0  # seconds between two reports of one update that goes on after it was stopped


class ReportWriter:
    """Writes the report into the folder that POLICYPACK_REPORT names. `problem` says why there is none, if so."""

    def __init__(self) -> None:
        self._folder = os.environ.get(VARIABLE, "")
        self._last = 0.0
        self._unwritten: StackJudge | None = None
        self.problem = ""
        self._usable = bool(self._folder)
        if self._folder and not Path(self._folder).is_absolute():
            # The engine starts the pack in the pack's own folder, and does not say where the user was.
            self.problem = f"{VARIABLE} is {self._folder}, and has to be an absolute path; no report was written"
            self._usable = False

    @property
    def where(self) -> str:
        """Where everything is found that does not fit into an answer."""
        if self._folder and not self.problem:
            return f"All of them are in the report in {self._folder}."
        return f"Set {VARIABLE} to a folder's absolute path to find all of them in a report there."

    def write(self, judge: StackJudge) -> None:
        """Write the report of a run that is over."""
        self._unwritten = None
        if not self._usable:
            return
        # Imported by those who asked for a report only: every other run starts sooner without.
        from policypack.report.json_file import write  # noqa: PLC0415
        from policypack.report.of_run import report_of  # noqa: PLC0415

        try:
            write(report_of(judge), self._folder)
            self.problem = ""
        except OSError as error:
            self.problem = f"the report could not be written to {self._folder}: {error.strerror}"
        self._last = time.monotonic()

    def write_soon(self, judge: StackJudge) -> None:
        """Write the report of a run that may be over: there may be no other call. At most once in `_PAUSE`."""
        if time.monotonic() - self._last >= _PAUSE:
            self.write(judge)
        else:
            self._unwritten = judge

    def flush(self) -> None:
        """Write the report that `write_soon` postponed, when the process ends."""
        if self._unwritten is not None:
            self.write(self._unwritten)
