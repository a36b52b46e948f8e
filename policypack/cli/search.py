"""Finding rules by words: in their ids and search terms first, then in what is said about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.cli.catalogue import Described

MOST: Final = 15
"""Rules that a search shows: one that finds more has found nothing in particular."""
_SEVERITIES_DESCENDING: Final = tuple(severity.value for severity in reversed(Severity))
_ID, _SUMMARY, _CONTROL, _REST, _CONCERN = 8, 4, 3, 2, 1
_SHORT: Final = 3  # letters; a word as short as `IAM` or `key` counts only as a whole word
_WORD: Final = re.compile(r"[a-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def ranked(words: Sequence[str], rules: Iterable[Described]) -> list[Described]:
    """The rules that have each of the words somewhere, best matches first; of equal ones the most severe."""
    # `PassRole`, `kms:Decrypt` and `time-out` are one word each: their parts by themselves mean something else.
    wanted = ["".join(_words(word)) for given in words for word in given.split()]
    together = "".join(wanted)
    scored: list[tuple[int, Described]] = []
    for rule in rules:
        fields = [(weight, _Text(text)) for weight, text in _fields(rule)]
        weights = [max((weight for weight, text in fields if text.has(word)), default=0) for word in wanted]
        # `time out` is found in `timeout`, and `dead letter` in `deadLetterConfig`.
        whole = max((weight for weight, text in fields if text.has(together)), default=0)
        score = max(2 * whole, min(weights, default=0) * 2 + (1 if whole else 0))
        if score:
            scored.append((score, rule))
    scored.sort(key=lambda pair: (-pair[0], _SEVERITIES_DESCENDING.index(pair[1].severity)))
    return [rule for _, rule in scored]


def _fields(rule: Described) -> Iterator[tuple[int, str]]:
    yield _ID, rule.id
    yield from ((_ID, term) for term in rule.terms)
    yield from ((_CONTROL, control) for control in rule.controls)
    yield _SUMMARY, rule.summary
    yield _REST, rule.why
    yield _REST, rule.fix
    yield from ((_REST, option) for option in rule.options)
    yield from ((_REST, type_.partition("/")[0].removeprefix("aws:")) for type_ in rule.on)
    yield _CONCERN, rule.concern


class _Text:
    """A text whose words can be looked up, alone and run together."""

    def __init__(self, text: str) -> None:
        self._joined, self._starts, self._ends, end = "", set[int](), set[int](), 0
        for word in _words(text):
            self._starts.add(end)
            self._joined += word
            end += len(word)
            self._ends.add(end)

    def has(self, wanted: str) -> bool:
        """Whether a word begins so. It has to end so too if it is short, or ends with a digit as `CKV_AWS_28` does."""
        at = self._joined.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if at in self._starts and (end in self._ends or (len(wanted) > _SHORT and not wanted[-1].isdigit())):
                return True
            at = self._joined.find(wanted, at + 1)
        return len(wanted) > _SHORT and wanted.endswith("s") and self.has(wanted[:-1])


def _words(text: str) -> list[str]:
    """The words of a text in lower case, with `camelCase` taken apart."""
    return _WORD.findall(_HUMP.sub(" ", text).lower())
