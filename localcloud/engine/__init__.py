"""A real Pulumi engine for this machine: installed by the user, from the official release, or built from source.

`find_or_make()` returns one; `python -m localcloud.engine` prints its path. Runs on plain Python, before any virtual
environment exists.
"""

from __future__ import annotations

from localcloud.engine.finder import find_or_make
from localcloud.engine.inspection import Engine

__all__ = ["Engine", "find_or_make"]
