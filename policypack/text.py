"""Text for people: the name that somebody meant, and text that a terminal can show."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 4000  # characters of a message: a terminal line, not a document


def nearest(name: str, known: Iterable[str]) -> str:
    """`; nearest: queue-has-dead-letter-queue`, or the choice where it is small, or nothing."""
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, n=1, cutoff=0.5):
        return f"; nearest: {close[0]}"
    return f"; one of: {', '.join(names)}" if 0 < len(names) <= 8 else ""  # noqa: PLR2004 - what fits in a line


def printable(text: str) -> str:
    """Text without control characters, which could rewrite the terminal it is shown on."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def cut(text: str) -> str:
    """Text of a length that a terminal can show."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ... ({len(text) - _LONGEST} more characters)"
