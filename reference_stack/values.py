"""Values of the stack's configuration, read as what they should be. A wrong one stops the program in three lines."""

from __future__ import annotations

import difflib
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Final, NoReturn

import pulumi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


SHOWN: Final = 32
"""The exit code that tells Pulumi's Python host that the user knows what is wrong: the engine then adds nothing.
https://github.com/pulumi/pulumi/blob/master/sdk/python/cmd/pulumi-language-python-exec"""

NEAR: Final = 0.5
"""How alike a misspelt name has to be to a known one, out of 1, to be named as the nearest."""


class SettingsError(pulumi.RunError):
    """A wrong value: what it is, what is allowed, and a line to paste. Pulumi prints it without a traceback."""


def give_up(error: SettingsError) -> NoReturn:
    """End the program with the three lines and nothing else."""
    pulumi.log.error(str(error))
    sys.exit(SHOWN)


class Values:
    """The configuration of this project, a kind of value a method. Each raises SettingsError about a wrong one."""

    def __init__(self, config: pulumi.Config) -> None:
        self._config = config
        self._known: list[str] = []

    def matching(
        self, key: str, pattern: re.Pattern[str], allowed: str, example: str | None, default: str | None
    ) -> str:
        """Text of a form; without a default it has to be there."""
        given = self._get(key, default)
        if given is None or not pattern.fullmatch(given):
            self._refuse(key, given, f"use {allowed}", str(example))
        return given

    def maybe(self, key: str, pattern: re.Pattern[str], allowed: str, example: str) -> str | None:
        """Text of a form, or nothing."""
        return None if self._get(key, None) is None else self.matching(key, pattern, allowed, example, None)

    def one_of(self, key: str, allowed: Sequence[str], default: str) -> str:
        """One of a few words."""
        given = self._get(key, default)
        if given is None or given not in allowed:
            self._refuse(key, given, f"use one of: {', '.join(allowed)}", default)
        return given

    def whole(self, key: str, allowed: range | tuple[int, ...], default: int, *, says: str = "") -> int:
        """A whole number out of those allowed."""
        given = self._get(key, str(default))
        if given is None or not re.fullmatch(r"\d{1,9}", given, re.ASCII) or int(given) not in allowed:
            self._refuse(key, given, f"use {says or _range(allowed)}", str(default))
        return int(given)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        given = self._get(key, str(default).lower())
        if given not in ("true", "false"):
            self._refuse(key, given, "use true or false", str(default).lower())
        return given == "true"

    def refuse_others(self) -> None:
        """Refuse a key that nobody asked for: it is misspelt, and what it should have set has its default."""
        given = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")  # where Pulumi hands all of it to the program
        for name in sorted(given):
            project, _, key = name.partition(":")
            if project == self._config.name and key not in self._known:
                known, near = sorted(set(self._known)), nearest(key, self._known)
                raise SettingsError(
                    f"stack configuration {name} is not known\n"
                    f"       {f'nearest: {near}; all' if near else 'use one of'}: {', '.join(known)}\n"
                    f"       pulumi config rm {name}"
                )

    def _get(self, key: str, default: str | None) -> str | None:
        self._known.append(key)
        return self._config.get(key, default)

    def _refuse(self, key: str, given: str | None, allowed: str, example: str) -> NoReturn:
        full = f"{self._config.name}:{key}"
        wrong = "is missing" if given is None else f'is "{given}"'
        raise SettingsError(
            f"stack configuration {full} {wrong}\n       {allowed}\n       pulumi config set {full} {example}"
        )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """What a misspelt name was probably meant to be, the first of those equally near; None where none is near."""
    likeness = {each: difflib.SequenceMatcher(None, each, name).ratio() for each in sorted(known)}
    best = max(likeness, key=likeness.__getitem__)
    return best if likeness[best] >= NEAR else None


def bounded(allowed: range, by: str, value: int) -> str:
    """The words for whole numbers of which one bound is the value of another setting."""
    return f"{_range(allowed)} ({by} is {value})"


def _range(allowed: range | tuple[int, ...]) -> str:
    if isinstance(allowed, tuple):
        return f"one of {', '.join(map(str, allowed))}"
    steps = f" in steps of {allowed.step}" if allowed.step > 1 else ""
    return f"a whole number from {allowed[0]} to {allowed[-1]}{steps}"
