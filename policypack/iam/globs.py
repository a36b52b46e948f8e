"""Patterns with IAM's wildcards: `*` matches any string, `?` matches any single character.

A pattern is compiled to literal chunks and the gaps between them. A word is matched by searching for the chunks from
left to right without backtracking, so that the running time does not grow exponentially with the number of wildcards.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

ANY_STRING: Final = "\ufdd0"
ANY_CHARACTER: Final = "\ufdd1"
"""Unicode noncharacters that represent the two wildcards inside a compiled pattern. IAM accepts neither in a policy."""
ESCAPE_WILDCARDS: Final = str.maketrans({"*": "\ufdd2", "?": "\ufdd3"})
"""Escapes a literal `*` or `?` (from `${*}`, or from the value of a variable) before it is inserted in a pattern."""
_SYMBOLS: Final = str.maketrans({"*": ANY_STRING, "?": ANY_CHARACTER, "\ufdd2": "*", "\ufdd3": "?"})
_REPLACE_WILDCARD_SYMBOLS: Final = str.maketrans({ANY_STRING: "\ufffd", ANY_CHARACTER: "\ufffd"})
_REPLACE_ALL_RESERVED: Final = str.maketrans(dict.fromkeys("\ufdd0\ufdd1\ufdd2\ufdd3", "\ufffd"))


class Glob(msgspec.Struct, frozen=True):
    """A compiled pattern.

    `chunks` are the literal parts in order; a `?` inside a chunk is `ANY_CHARACTER`. `gaps` are the minimum numbers of
    characters before each chunk and after the last one, so there is one more gap than chunks. `unbounded` tells which
    gaps may be longer than their minimum. `symbols` is the pattern with its wildcards as noncharacters.
    """

    symbols: str
    chunks: tuple[str, ...]
    gaps: tuple[int, ...]
    unbounded: tuple[bool, ...]

    @property
    def matches_everything(self) -> bool:
        """Whether the pattern matches every word."""
        return not self.chunks and self.gaps == (0,) and self.unbounded == (True,)

    def matches(self, word: str) -> bool:
        """Whether the pattern matches the word, in which `*` and `?` are ordinary characters."""
        return _matches_symbols(self, replace_reserved_characters(word), overlap=False)

    def covers(self, other: Glob) -> bool:
        """Whether this pattern matches every word that the other pattern matches."""
        return _matches_symbols(self, other.symbols, overlap=False)

    def overlaps(self, other: Glob) -> bool:
        """Whether both patterns match some common word."""
        if ANY_STRING in self.symbols and ANY_STRING in other.symbols:
            # The stars can match whatever the other pattern has in its middle, so only the two ends can conflict.
            one, two = self.symbols, other.symbols
            ends = (one.partition(ANY_STRING)[0], two.partition(ANY_STRING)[0])
            tails = (one.rpartition(ANY_STRING)[2][::-1], two.rpartition(ANY_STRING)[2][::-1])
            return all(map(_symbols_compatible, *ends)) and all(map(_symbols_compatible, *tails))
        without_star, with_star = (other, self) if ANY_STRING in self.symbols else (self, other)
        return _matches_symbols(with_star, without_star.symbols, overlap=True)


def replace_reserved_characters(text: str) -> str:
    """The text with the four noncharacters that this module reserves replaced. IAM accepts none of them."""
    return text if text.isascii() else text.translate(_REPLACE_ALL_RESERVED)


@lru_cache(maxsize=4096)
def glob(pattern: str) -> Glob:
    """Compile a pattern. The result is cached."""
    symbols = pattern.translate(_REPLACE_WILDCARD_SYMBOLS).translate(_SYMBOLS)
    chunks: list[str] = []
    gaps: list[int] = []
    unbounded_gaps: list[bool] = []
    pieces = symbols.split(ANY_STRING)
    gap, unbounded = 0, False
    for index, piece in enumerate(pieces):
        unbounded = unbounded or index > 0
        # A `?` next to a `*` only adds one character to the minimum length of the gap: `?*` and `*?` are the same.
        chunk = piece.lstrip(ANY_CHARACTER) if index > 0 else piece
        gap += len(piece) - len(chunk)
        tail = 0
        if index < len(pieces) - 1:
            stripped = chunk.rstrip(ANY_CHARACTER)
            tail = len(chunk) - len(stripped)
            chunk = stripped
        if chunk:
            chunks.append(chunk)
            gaps.append(gap)
            unbounded_gaps.append(unbounded)
            gap, unbounded = tail, False
        else:
            gap += tail
    if not chunks and not unbounded:
        return Glob(symbols, ("",), (0, 0), (False, False))  # the empty pattern
    return Glob(symbols, tuple(chunks), (*gaps, gap), (*unbounded_gaps, unbounded))


def _matches_symbols(pattern: Glob, word: str, *, overlap: bool) -> bool:
    """Whether the pattern matches all symbols of the word.

    With `overlap`, an `ANY_CHARACTER` in the word may stand for whichever character makes it match.
    """
    position = 0
    last = len(pattern.chunks) - 1
    for index, chunk in enumerate(pattern.chunks):
        at = _skip_gap(word, position, pattern.gaps[index])
        if at < 0:
            return False
        if index == last and not pattern.gaps[-1] and not pattern.unbounded[-1]:
            end = len(word) - len(chunk)
            if end < at or (end > at and not pattern.unbounded[index]):
                return False
            return _chunk_matches_at(chunk, word, end, overlap=overlap)
        if not pattern.unbounded[index]:
            if not _chunk_matches_at(chunk, word, at, overlap=overlap):
                return False
        else:
            at = _find_chunk(chunk, word, at, overlap=overlap)
            if at < 0:
                return False
        position = at + len(chunk)
    end = _skip_gap(word, position, pattern.gaps[-1])
    return end == len(word) or (end >= 0 and pattern.unbounded[-1])


def _skip_gap(word: str, start: int, count: int) -> int:
    """The first index after a gap of at least `count` characters; -1 if the word is too short.

    A star in the word does not count as a character, because it may match the empty string.
    """
    while count:
        if start >= len(word):
            return -1
        count -= word[start] != ANY_STRING
        start += 1
    return start


def _symbols_compatible(one: str, other: str) -> bool:
    return one == other or ANY_CHARACTER in (one, other)


def _chunk_matches_at(chunk: str, word: str, at: int, *, overlap: bool) -> bool:
    if word.startswith(chunk, at) and ANY_CHARACTER not in chunk:
        return True
    part = word[at : at + len(chunk)]
    if len(part) < len(chunk) or ANY_STRING in part:
        return False
    if overlap:
        return all(map(_symbols_compatible, chunk, part))
    return all(want in (got, ANY_CHARACTER) for want, got in zip(chunk, part, strict=True))


def _find_chunk(chunk: str, word: str, start: int, *, overlap: bool) -> int:
    """The first index from `start` on where the chunk matches; -1 if there is none."""
    if ANY_CHARACTER not in chunk and not (overlap and ANY_CHARACTER in word):
        return word.find(chunk, start)
    # Shift-and algorithm: bit i of `state` is set if the first i + 1 symbols of the chunk match the word up to here.
    size = len(chunk)
    wild = sum(1 << index for index, symbol in enumerate(chunk) if symbol == ANY_CHARACTER)
    masks: dict[str, int] = {ANY_STRING: 0}
    if overlap:
        masks[ANY_CHARACTER] = (1 << size) - 1
    for index, symbol in enumerate(chunk):
        if symbol != ANY_CHARACTER:
            masks[symbol] = masks.get(symbol, wild) | 1 << index
    state, full = 0, 1 << (size - 1)
    for index in range(start, len(word)):
        state = (state << 1 | 1) & masks.get(word[index], wild)
        if state & full:
            return index - size + 1
    return -1
