"""The user's cache of engines, with atomic installation and a lock between processes."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.console import progress
from localcloud.engine.inspection import HOST, Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

ABOUT: Final = "engine.json"
"""Written last into a finished engine's folder; an engine without it is not one."""
UNFINISHED: Final = ".making-"


def root() -> Path:
    """Return the cache folder: below $XDG_CACHE_HOME (if absolute, as its specification demands) or ~/.cache."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "policypack" / "engine"


def cached(name: str) -> Engine | None:
    """Return the installed engine of this name, or None."""
    folder = root() / name
    try:
        about = json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError):
        return None
    pulumi = folder / "bin" / "pulumi"
    if not (os.access(pulumi, os.X_OK) and os.access(pulumi.with_name(HOST), os.X_OK)):
        return None
    return Engine(path=pulumi, version=about["version"], origin=about["origin"])


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time install engines; the next one then finds the result."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / ".lock").open("w") as handle:
        with progress("waiting for another process that makes the engine"):
            fcntl.flock(handle, fcntl.LOCK_EX)
        for left in root().glob(f"{UNFINISHED}*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextlib.contextmanager
def unfinished() -> Iterator[Path]:
    """Give a temporary folder beside the engines, which is removed at the end unless it was installed."""
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def install(folder: Path, name: str, *, version: str, origin: str) -> Engine:
    """Move a folder with bin/pulumi and its language host into place atomically, and return its engine."""
    (folder / ABOUT).write_text(json.dumps({"version": version, "origin": origin}) + "\n")
    folder.chmod(0o755)
    final = root() / name
    with unfinished() as aside:
        if final.exists():  # damaged, or `cached` had found it
            final.rename(aside / name)
        folder.rename(final)
    return Engine(path=final / "bin" / "pulumi", version=version, origin=origin)
