"""Serving a pack of rules to the engine: the last line of a pack's `__main__.py`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from policypack.host.server import port_line, run_server, started_by_pulumi

if TYPE_CHECKING:
    from policypack.rule_pack import Pack

if started_by_pulumi():
    port_line()  # from here on nothing that the pack imports can write to the engine's pipe


def serve(pack: Pack) -> NoReturn:
    """Serve a pack to the engine that started this process. Does not return.

    A pack that cannot be served ends the process with one line for each fault.
    """
    from policypack.host.analyzer import Analyzer  # noqa: PLC0415 - stdout is guarded before anything is imported

    line = port_line()
    if pack.faults:
        sys.exit("\n".join(f"error: {fault}" for fault in pack.faults))
    analyzer = Analyzer(pack)
    run_server(analyzer, line, leaving=analyzer.leave)
