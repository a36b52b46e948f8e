"""Typed values of the stack's configuration. An invalid value ends the program with an error of three lines."""

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


EXIT_CODE_ERROR_SHOWN: Final = 32
"""The exit code that tells Pulumi's Python host that the error was already shown, so the engine adds no other.
https://github.com/pulumi/pulumi/blob/master/sdk/python/cmd/pulumi-language-python-exec"""

MIN_SIMILARITY: Final = 0.5
"""Least similarity, from 0 to 1, of a misspelt name to the known one that is suggested."""


class SettingsError(pulumi.RunError):
    """An invalid setting: its value, the allowed values, and a command to fix it.

    Pulumi prints it without a traceback.
    """


def exit_with_error(error: SettingsError) -> NoReturn:
    """Log the error, and end the program without any further output."""
    pulumi.log.error(str(error))
    sys.exit(EXIT_CODE_ERROR_SHOWN)


class ConfigReader:
    """Reads the project's configuration, with one method per kind of value. Each raises SettingsError."""

    def __init__(self, config: pulumi.Config) -> None:
        self._config = config
        self._known: list[str] = []

    def text(self, key: str, pattern: re.Pattern[str], allowed: str, example: str | None, default: str | None) -> str:
        """Text that matches a pattern; required if there is no default."""
        given = self._get(key, default)
        if given is None or not pattern.fullmatch(given):
            self._fail(key, given, f"use {allowed}", str(example))
        return given

    def optional_text(self, key: str, pattern: re.Pattern[str], allowed: str, example: str) -> str | None:
        """Text that matches a pattern, or None."""
        return None if self._get(key, None) is None else self.text(key, pattern, allowed, example, None)

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """One of the allowed words."""
        given = self._get(key, default)
        if given is None or given not in allowed:
            self._fail(key, given, f"use one of: {', '.join(allowed)}", default)
        return given

    def integer(self, key: str, allowed: range | tuple[int, ...], default: int, *, allowed_text: str = "") -> int:
        """An integer out of the allowed ones. allowed_text: describes them in the error."""
        given = self._get(key, str(default))
        if given is None or not re.fullmatch(r"\d{1,9}", given, re.ASCII) or int(given) not in allowed:
            self._fail(key, given, f"use {allowed_text or describe_range(allowed)}", str(default))
        return int(given)

    def boolean(self, key: str, *, default: bool) -> bool:
        """True or false."""
        given = self._get(key, str(default).lower())
        if given not in ("true", "false"):
            self._fail(key, given, "use true or false", str(default).lower())
        return given == "true"

    def reject_unknown_keys(self) -> None:
        """Raise for a key that no method has read: it is probably misspelt, and its default would apply silently."""
        given = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")  # Pulumi passes the whole configuration here
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

    def _fail(self, key: str, given: str | None, allowed: str, example: str) -> NoReturn:
        full = f"{self._config.name}:{key}"
        wrong = "is missing" if given is None else f'is "{given}"'
        raise SettingsError(
            f"stack configuration {full} {wrong}\n       {allowed}\n       pulumi config set {full} {example}"
        )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most similar to a misspelt one; None if none is similar."""
    likeness = {each: difflib.SequenceMatcher(None, each, name).ratio() for each in sorted(known)}
    best = max(likeness, key=likeness.__getitem__)
    return best if likeness[best] >= MIN_SIMILARITY else None


def describe_bounds(allowed: range, by: str, value: int) -> str:
    """Describe allowed integers of which one bound is the value of another setting."""
    return f"{describe_range(allowed)} ({by} is {value})"


def describe_range(allowed: range | tuple[int, ...]) -> str:
    """Describe allowed integers for an error message."""
    if isinstance(allowed, tuple):
        return f"one of {', '.join(map(str, allowed))}"
    steps = f" in steps of {allowed.step}" if allowed.step > 1 else ""
    return f"a whole number from {allowed[0]} to {allowed[-1]}{steps}"
