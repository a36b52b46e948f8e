"""Three-valued logic: combine values that are True, False or None (unknown)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def any_true(values: Iterable[bool | None]) -> bool | None:
    """Whether any value is True. None if that depends on an unknown value."""
    result: bool | None = False
    for value in values:
        if value:
            return True
        if value is None:
            result = None
    return result


def all_true(values: Iterable[bool | None]) -> bool | None:
    """Whether all values are True. None if that depends on an unknown value."""
    result: bool | None = True
    for value in values:
        if value is None:
            result = None
        elif not value:
            return False
    return result


def negated(value: bool | None) -> bool | None:  # noqa: FBT001 - a logical connective, like the two above
    """The negation. None stays None."""
    return None if value is None else not value
