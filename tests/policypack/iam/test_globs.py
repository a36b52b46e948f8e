"""Patterns compared with simple reference implementations, and the growth of the running time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.iam.globs import Glob, glob
from tests.policypack.iam.line_count import count_lines
from tests.property_tests import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

PATTERNS = st.text(alphabet="ab*?", max_size=9)
WORDS = st.text(alphabet="abc", max_size=9)
ARBITRARY_TEXT = st.text(st.characters(exclude_characters="*?\ufdd0\ufdd1\ufdd2\ufdd3"), max_size=12)


def slow_match(pattern: str, word: str) -> bool:
    """Reference implementation of matching by dynamic programming."""
    row = [True] + [False] * len(word)
    for symbol in pattern:
        if symbol == "*":
            fresh = list(itertools.accumulate(row, lambda one, other: one or other))
        else:
            fresh = [False] + [row[i] and symbol in ("?", word[i]) for i in range(len(word))]
        row = fresh
    return row[-1]


def slow_overlap(one: str, other: str) -> bool:
    """Reference implementation of overlap: search all pairs of positions in both patterns."""
    seen: set[tuple[int, int]] = set()
    todo = [(0, 0)]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        i, j = here
        if (i, j) == (len(one), len(other)):
            return True
        if i < len(one) and one[i] == "*":
            todo += [(i + 1, j)] + ([(i, j + 1)] if j < len(other) else [])
        if j < len(other) and other[j] == "*":
            todo += [(i, j + 1)] + ([(i + 1, j)] if i < len(one) else [])
        if i < len(one) and j < len(other) and (one[i] == other[j] or "?" in (one[i], other[j])):
            todo.append((i + 1, j + 1))
    return False


@settings(max_examples=6 * EXAMPLES, deadline=None)
@given(PATTERNS, WORDS)
def test_matching_equals_the_reference_implementation(pattern: str, word: str) -> None:
    """`*` matches any string and `?` any character."""
    assert glob(pattern).matches(word) == slow_match(pattern, word)


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(ARBITRARY_TEXT)
def test_text_without_wildcards_matches_only_itself(text: str) -> None:
    """Other characters, such as brackets, dots and control characters, have no special meaning."""
    assert glob(text).matches(text)
    assert not glob(text).matches(text + "x")
    assert glob(f"*{text}").matches("before" + text)


@settings(max_examples=6 * EXAMPLES, deadline=None)
@given(PATTERNS, PATTERNS, WORDS)
def test_a_covering_pattern_matches_all_covered_words(pattern: str, other: str, word: str) -> None:
    """A pattern that covers another matches every word that the other one matches."""
    if glob(pattern).covers(glob(other)) and slow_match(other, word):
        assert slow_match(pattern, word)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(PATTERNS, WORDS)
def test_covering_a_word_equals_matching_it(pattern: str, word: str) -> None:
    """A word is a pattern without wildcards. A pattern covers itself and is covered by `*`."""
    assert glob(pattern).covers(glob(word)) == slow_match(pattern, word)
    assert glob(pattern).covers(glob(pattern))
    assert glob("*").covers(glob(pattern))


@pytest.mark.parametrize(
    ("pattern", "other", "covered"),
    [
        ("a*", "ab*", True),
        ("ab*", "a*", False),
        ("?*", "*?", True),  # both: at least one character
        ("*?*", "?*", True),
        ("a*?b", "a*xb", True),  # the x is the character that `?` asks for
        ("a*?b", "a*b", False),  # `ab` has none
        ("*a*", "*aba*", True),
        ("??", "*", False),
        ("*", "", True),
        ("", "*", False),
        ("a?c", "abc", True),
        ("abc", "a?c", False),
    ],
)
def test_covers(pattern: str, other: str, *, covered: bool) -> None:
    """Patterns are compared by the words that they match, not by their text."""
    assert glob(pattern).covers(glob(other)) == covered


@settings(max_examples=6 * EXAMPLES, deadline=None)
@given(PATTERNS, PATTERNS)
def test_overlap_equals_the_reference_implementation(one: str, other: str) -> None:
    """Two patterns overlap if some word matches both; the order does not matter."""
    assert glob(one).overlaps(glob(other)) == slow_overlap(one, other)
    assert glob(other).overlaps(glob(one)) == slow_overlap(one, other)


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 40 + "*b",  # exponential in a backtracking matcher
        "*a?a?a?a*b",
        "?" * 30 + "*b",
        "*" * 50 + "b",
    ],
)
def test_matching_time_grows_linearly(pattern: str) -> None:
    """A word of twice the length takes at most 2.1 times the executed lines."""
    compiled: Glob = glob(pattern)
    small, large = "a" * 1_000, "a" * 2_000
    assert count_lines(lambda: compiled.matches(large)) <= 2.1 * count_lines(lambda: compiled.matches(small)) + 20


@pytest.mark.parametrize("compare", [Glob.covers, Glob.overlaps])
def test_comparing_time_grows_linearly(compare: Callable[[Glob, Glob], bool]) -> None:
    """A pattern of twice the length takes at most 2.1 times the executed lines to compare."""
    one, small, large = glob("*ab?b*"), glob("*a?" * 100 + "c"), glob("*a?" * 200 + "c")
    assert count_lines(lambda: compare(one, large)) <= 2.1 * count_lines(lambda: compare(one, small)) + 20
