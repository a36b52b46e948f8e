"""The Pythons on this machine, for code that wants one of a certain version."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

_KEPT: Final = (
    ".pyenv/versions/{version}.*/bin/python{version}",
    ".local/share/uv/python/cpython-{version}.*/bin/python{version}",
)
_VERSION: Final = "import sys; print('python%d.%d' % sys.version_info[:2])"


@cache
def interpreter(runtime: str) -> str | None:
    """The Python of a runtime (`python3.13`): pyenv's, uv's, the one on PATH, or this one; None where there is none.

    A version manager leaves commands on PATH that only say they are not there, so each is asked.
    """
    version = runtime.removeprefix("python")
    kept = [path for pattern in _KEPT for path in sorted(_home().glob(pattern.format(version=version)))]
    for candidate in filter(None, (*map(str, kept), shutil.which(runtime), sys.executable)):
        asked = subprocess.run(
            [candidate, "-S", "-c", _VERSION], capture_output=True, text=True, timeout=10, check=False
        )
        if asked.stdout.strip() == runtime:
            return candidate
    return None


def _home() -> Path:
    """The user's, whatever HOME says: the local AWS gives itself another."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a user without a name, as in some containers
        return Path.home()
