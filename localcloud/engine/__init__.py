"""A real Pulumi engine for this machine: the user's own, else the official release, else built from its Go modules.

`find_or_make()` gives one; `python -m localcloud.engine` prints its path. Runs on a bare Python, before any virtual
environment exists.
"""

from __future__ import annotations

from localcloud.engine.finder import find_or_make
from localcloud.engine.inspection import Engine

__all__ = ["Engine", "find_or_make"]
