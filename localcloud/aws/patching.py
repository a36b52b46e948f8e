"""Changes to pinned libraries: each fails if the library differs from the version it was written for."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from localcloud.console import UserError

PINNED: Final = {"ministack": "1.5.33", "moto": "5.2.5"}
"""The versions that the modules in `fixes` were written against and read in."""


def check_versions() -> None:
    """Raise UserError for another installed version: every fix then has to be reviewed."""
    for name, pinned in PINNED.items():
        found = version(name)
        if found != pinned:
            raise UserError(
                f"the local AWS is written for {name} {pinned}, and {name} {found} is installed",
                "its fixes in localcloud/aws/fixes have to be checked before patching.py may name another version",
                "make setup",
            )


def private(owner: Any, name: str) -> Any:
    """Return a private attribute of a library, which has to exist."""
    return getattr(owner, name)  # an AttributeError here is the library having changed underneath


def replace(owner: Any, name: str, new: Any) -> Any:
    """Replace `owner.name`, which has to exist, by `new`; return the previous value."""
    old = private(owner, name)
    setattr(owner, name, new)
    return old
