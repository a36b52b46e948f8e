"""All changes to moto, applied when it is first loaded."""

from __future__ import annotations


def apply() -> None:
    """Apply them once."""
