"""The libraries underneath are pinned, and what we change in them is checked against what is there."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from localcloud.console import UserError

PINNED: Final = {"ministack": "1.5.33", "moto": "5.2.5"}
"""The versions that the modules in `fixes` were written against and read in."""


def check() -> None:
    """Raise UserError when another version is installed: then every fix has to be read again."""
    for name, pinned in PINNED.items():
        found = version(name)
        if found != pinned:
            raise UserError(
                f"the local AWS is written for {name} {pinned}, and {name} {found} is installed",
                "its fixes in localcloud/aws/fixes have to be checked before pins.py may name another version",
                "make setup",
            )


def private(owner: Any, name: str) -> Any:
    """Return what a library keeps to itself under this name, which has to exist."""
    return getattr(owner, name)  # an AttributeError here is the library having changed underneath


def replace(owner: Any, name: str, new: Any) -> Any:
    """Put `new` in the place of `owner.name`, which has to exist, and return what was there."""
    old = private(owner, name)
    setattr(owner, name, new)
    return old
