"""The name that somebody meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """`; nearest: queue-has-dead-letter-queue`, or the choice where it is small, or nothing."""
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, n=1, cutoff=0.5):
        return f"; nearest: {close[0]}"
    return f"; one of: {', '.join(names)}" if 0 < len(names) <= 8 else ""  # noqa: PLR2004 - what fits in a line
