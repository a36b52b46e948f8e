"""IAM's wildcards: `*` for any run of characters, `?` for any single one, and nothing else.

A pattern is compiled to literal chunks and the gaps between them, and a word is matched by finding the chunks from
left to right, so the work grows with the length of the word and not with the number of ways to split it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

STAR: Final = "\ufdd0"
ANY: Final = "\ufdd1"
"""Noncharacters that stand for the two wildcards where a word is itself a pattern; IAM takes neither in a policy."""
LITERAL: Final = str.maketrans({"*": "\ufdd2", "?": "\ufdd3"})
"""How a `*` or `?` that means itself (from `${*}`, or from a variable's value) is written in a pattern."""
_SYMBOLS: Final = str.maketrans({"*": STAR, "?": ANY, "\ufdd2": "*", "\ufdd3": "?"})
_PLAIN: Final = str.maketrans({STAR: "\ufffd", ANY: "\ufffd"})
_ALL_PLAIN: Final = str.maketrans(dict.fromkeys("\ufdd0\ufdd1\ufdd2\ufdd3", "\ufffd"))


class Glob(msgspec.Struct, frozen=True):
    """A compiled pattern: `chunks` in order, before each of them at least `gaps` characters.

    With one gap more than chunks, the last one being what follows the last chunk. `open_gaps` says which gaps may be
    longer than that. A chunk's `?` are written as `ANY`.
    """

    symbols: str
    chunks: tuple[str, ...]
    gaps: tuple[int, ...]
    open_gaps: tuple[bool, ...]

    @property
    def literal(self) -> bool:
        """Whether the pattern has no wildcard, so that it stands for one word."""
        return self.open_gaps == (False, False) and self.gaps == (0, 0) and ANY not in self.chunks[0]

    @property
    def everything(self) -> bool:
        """Whether every word matches."""
        return not self.chunks and self.gaps == (0,) and self.open_gaps == (True,)

    def matches(self, word: str) -> bool:
        """Whether the word, in which nothing is a wildcard, matches."""
        return _contains(self, plain(word), overlap=False)

    def covers(self, other: Glob) -> bool:
        """Whether everything that matches the other pattern certainly matches this one."""
        return _contains(self, other.symbols, overlap=False)

    def overlaps(self, other: Glob) -> bool:
        """Whether some word matches both patterns."""
        if STAR in self.symbols and STAR in other.symbols:
            # Each pattern's star takes what the other has in its middle, so only the two ends can contradict.
            one, two = self.symbols, other.symbols
            ends = (one.partition(STAR)[0], two.partition(STAR)[0])
            tails = (one.rpartition(STAR)[2][::-1], two.rpartition(STAR)[2][::-1])
            return all(map(_agree, *ends)) and all(map(_agree, *tails))
        fixed, free = (other, self) if STAR in self.symbols else (self, other)
        return _contains(free, fixed.symbols, overlap=True)


def plain(text: str) -> str:
    """The text without the four characters that mean something to this module alone; IAM takes none of them."""
    return text if text.isascii() else text.translate(_ALL_PLAIN)


@lru_cache(maxsize=4096)
def glob(pattern: str) -> Glob:
    """Compile a pattern."""
    symbols = pattern.translate(_PLAIN).translate(_SYMBOLS)
    chunks: list[str] = []
    gaps: list[int] = []
    open_gaps: list[bool] = []
    pieces = symbols.split(STAR)
    gap, free = 0, False
    for index, piece in enumerate(pieces):
        free = free or index > 0
        # A `?` beside a `*` only says how long the gap is at least: `?*`, `*?` and `?*?` differ in nothing else.
        chunk = piece.lstrip(ANY) if index > 0 else piece
        gap += len(piece) - len(chunk)
        tail = 0
        if index < len(pieces) - 1:
            stripped = chunk.rstrip(ANY)
            tail = len(chunk) - len(stripped)
            chunk = stripped
        if chunk:
            chunks.append(chunk)
            gaps.append(gap)
            open_gaps.append(free)
            gap, free = tail, False
        else:
            gap += tail
    if not chunks and not free:
        return Glob(symbols, ("",), (0, 0), (False, False))  # the empty pattern
    return Glob(symbols, tuple(chunks), (*gaps, gap), (*open_gaps, free))


def _contains(pattern: Glob, word: str, *, overlap: bool) -> bool:
    """Whether the pattern takes every symbol of the word; with `overlap`, a symbol `ANY` may become any character."""
    place = 0
    last = len(pattern.chunks) - 1
    for index, chunk in enumerate(pattern.chunks):
        at = _skip(word, place, pattern.gaps[index])
        if at < 0:
            return False
        if index == last and not pattern.gaps[-1] and not pattern.open_gaps[-1]:
            end = len(word) - len(chunk)
            if end < at or (end > at and not pattern.open_gaps[index]):
                return False
            return _fits(chunk, word, end, overlap=overlap)
        if not pattern.open_gaps[index]:
            if not _fits(chunk, word, at, overlap=overlap):
                return False
        else:
            at = _find(chunk, word, at, overlap=overlap)
            if at < 0:
                return False
        place = at + len(chunk)
    end = _skip(word, place, pattern.gaps[-1])
    return end == len(word) or (end >= 0 and pattern.open_gaps[-1])


def _skip(word: str, start: int, count: int) -> int:
    """Where a gap of at least `count` characters may end; -1 where the word is too short. A star may stand for none."""
    while count:
        if start >= len(word):
            return -1
        count -= word[start] != STAR
        start += 1
    return start


def _agree(one: str, other: str) -> bool:
    return one == other or ANY in (one, other)


def _fits(chunk: str, word: str, at: int, *, overlap: bool) -> bool:
    if word.startswith(chunk, at) and ANY not in chunk:
        return True
    part = word[at : at + len(chunk)]
    if len(part) < len(chunk) or STAR in part:
        return False
    if overlap:
        return all(map(_agree, chunk, part))
    return all(want in (got, ANY) for want, got in zip(chunk, part, strict=True))


def _find(chunk: str, word: str, start: int, *, overlap: bool) -> int:
    """The first place from `start` on where the chunk fits; -1 where there is none."""
    if ANY not in chunk and not (overlap and ANY in word):
        return word.find(chunk, start)
    # Shift-and: bit i of `state` says that the first i + 1 symbols of the chunk fit the word up to here.
    size = len(chunk)
    wild = sum(1 << index for index, symbol in enumerate(chunk) if symbol == ANY)
    masks: dict[str, int] = {STAR: 0}
    if overlap:
        masks[ANY] = (1 << size) - 1
    for index, symbol in enumerate(chunk):
        if symbol != ANY:
            masks[symbol] = masks.get(symbol, wild) | 1 << index
    state, full = 0, 1 << (size - 1)
    for index in range(start, len(word)):
        state = (state << 1 | 1) & masks.get(word[index], wild)
        if state & full:
            return index - size + 1
    return -1
