"""Undecided at the end: what is certain is reported first, and what is unknown is raised after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from policypack.model.values import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")


class DeferredUndecided:
    """Keeps one reason why a verdict is undecided until everything that is certain has been yielded.

        undecided = DeferredUndecided()
        for statement in statements:
            undecided.note(path_of_its_unknown_part)  # "" where it has none
            yield statement
        undecided.raise_noted()

    A rule that only yields findings needs none of this: it may yield an `Undecided` at any point.
    """

    __slots__ = ("_path",)

    def __init__(self, reason: Undecided | str | None = None) -> None:
        self._path = _path(reason)

    def note(self, reason: Undecided | str | None) -> None:
        """Keep a reason, or the path of an unknown property, unless there is one already. None and "" are no reason."""
        if self._path is None:
            self._path = _path(reason)

    def replace(self, reason: Undecided | str | None) -> None:
        """Keep a reason in place of the one that there is already: the last one is raised."""
        path = _path(reason)
        if path is not None:
            self._path = path

    def certain(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items of an iterable; if it raises `Undecided` after them, that replaces the reason instead."""
        try:
            yield from items
        except Undecided as undecided:
            self.replace(undecided)

    @property
    def noted(self) -> Undecided | None:
        """The reason that was kept, for a rule that yields it; None where there is none."""
        return None if self._path is None else Undecided(self._path)

    def raise_noted(self) -> None:
        """Raise `Undecided` for the reason that was kept; do nothing where there is none."""
        if (noted := self.noted) is not None:
            raise noted


def _path(reason: Undecided | str | None) -> str | None:
    if isinstance(reason, Undecided):
        return reason.path
    return reason or None
