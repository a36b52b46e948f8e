"""Python interpreters on this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

_LOCATIONS: Final = (
    ".pyenv/versions/{version}.*/bin/python{version}",
    ".local/share/uv/python/cpython-{version}.*/bin/python{version}",
)
_VERSION: Final = "import sys; print('python%d.%d' % sys.version_info[:2])"


@cache
def interpreter(runtime: str) -> str | None:
    """An interpreter for a Lambda runtime (`python3.13`): pyenv's, uv's, on PATH, or this one; None if there is none.

    Version managers put commands on PATH that only report a missing version, so each candidate is run.
    """
    version = runtime.removeprefix("python")
    kept = [path for pattern in _LOCATIONS for path in sorted(_home().glob(pattern.format(version=version)))]
    for candidate in filter(None, (*map(str, kept), shutil.which(runtime), sys.executable)):
        requested = subprocess.run(
            [candidate, "-S", "-c", _VERSION], capture_output=True, text=True, timeout=10, check=False
        )
        if requested.stdout.strip() == runtime:
            return candidate
    return None


def _home() -> Path:
    """The user's home directory, independent of HOME, which the local AWS changes."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a user without a name, as in some containers
        return Path.home()
