"""An isolated machine for tests of the engine finder: its own PATH and an empty engine cache."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from localcloud.engine import release

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOWHERE: Final = "http://127.0.0.1:9"
"""Where nothing listens: no release is to be had there."""
NEEDED: Final = ("cat", "mkdir", "sh", "sleep")
"""What the scripts below run."""


class Machine:
    """Without pulumi, Go and network at first. cache: its folder of engines. folder: for everything else."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.cache = folder / "cache" / "policypack" / "engine"
        self._monkeypatch = monkeypatch
        system = folder / "system"
        system.mkdir()
        for name in NEEDED:
            home = next(path for path in os.get_exec_path() if os.access(f"{path}/{name}", os.X_OK))
            (system / name).symlink_to(f"{home}/{name}")
        self.setenv("PATH", str(system))
        self.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        self.setenv(release.BASE_VARIABLE, NOWHERE)

    def setenv(self, name: str, value: str) -> None:
        """Set an environment variable, for this test only."""
        self._monkeypatch.setenv(name, value)

    def first_on_path(self, *folders: Path) -> None:
        """Put folders before what is on PATH."""
        self.setenv("PATH", os.pathsep.join([*map(str, folders), os.environ["PATH"]]))

    def script(self, path: Path, body: str) -> Path:
        """Write an executable shell script, with the folders above it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    def pulumi(self, folder: Path, version: str, *, host: bool = True) -> Path:
        """Install a `pulumi` that answers with a version, and a Python host beside it unless told otherwise."""
        if host:
            self.script(folder / "pulumi-language-python", "exit 0")
        return self.script(folder / "pulumi", f'[ "$1" = version ] && echo "{version}"')
