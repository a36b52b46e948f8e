"""Yes, no, and None for what is not known: the three answers, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def any_true(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of the answers is yes."""
    found: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            found = None
    return found


def all_true(answers: Iterable[bool | None]) -> bool | None:
    """Whether all of the answers are yes."""
    found: bool | None = True
    for answer in answers:
        if answer is None:
            found = None
        elif not answer:
            return False
    return found


def negated(answer: bool | None) -> bool | None:  # noqa: FBT001 - a logical connective, like the two above
    """The opposite; what is not known stays so."""
    return None if answer is None else not answer
