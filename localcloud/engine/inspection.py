"""Properties of a `pulumi` binary: its version, and whether it can run Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = "3.259.0"
"""The engine that is downloaded or built; localcloud/engine/go/go.mod names the same."""
OLDEST: Final = (3, 255, 0)
"""The first version that reads a policy pack's settings the way this project writes them."""
HOST: Final = "pulumi-language-python"

ANSWER_SECONDS: Final = 20.0  # `pulumi version` takes 0.2 s; a machine under load gets a hundred times that


@dataclass(frozen=True, kw_only=True)
class Engine:
    """path: of the `pulumi` binary. version: such as 3.259.0. origin: a description of where it came from."""

    path: Path
    version: str
    origin: str

    @property
    def folder(self) -> Path:
        """The folder to put first on PATH, so that the engine's own language hosts are used."""
        return self.path.parent


class UnusableError(Exception):
    """A short reason why an engine cannot be used."""


def inspect(pulumi: Path, *, search: str | None = None) -> str:
    """Return the version of a `pulumi` that runs, is new enough and has a Python language host.

    search: the PATH on which to look for the language host if it is not beside the binary. Raises UnusableError.
    """
    version = read_version(pulumi)
    numbers = tuple(int(part) for part in version.split("-")[0].split("."))
    if numbers < OLDEST:
        raise UnusableError(f"version {version} is older than {'.'.join(map(str, OLDEST))}")
    bundled = pulumi.resolve().parent / HOST
    if not os.access(bundled, os.X_OK) and shutil.which(HOST, path=search) is None:
        raise UnusableError(f"it has no {HOST}")
    return version


def read_version(pulumi: Path) -> str:
    """Run `pulumi version`. Raises UnusableError if it prints none."""
    try:
        done = subprocess.run(
            [str(pulumi), "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnusableError(f"it did not print its version within {ANSWER_SECONDS:.0f} s") from None
    except OSError as error:
        raise UnusableError(f"it does not start ({error.strerror})") from None
    if done.returncode != 0:
        raise UnusableError(f"`pulumi version` exits with {done.returncode}")
    found = re.match(r"v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)", done.stdout.strip())
    if not found:
        raise UnusableError("`pulumi version` prints no version")
    return found[1]
