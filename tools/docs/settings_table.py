"""The stack's configuration as a table, read off the code that reads and checks it."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import config_reader
import pulumi
import settings

from policypack.testing import REGION
from tools.docs.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT: Final = "test"
_SNAKE: Final = re.compile("(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Read:
    """What was asked of the configuration: a key, what it may be, and what it is otherwise."""

    key: str
    allowed: str
    default: str


class _Recorder(config_reader.ConfigReader):
    """Reads as always, and keeps what was asked for."""

    asked: list[Read]

    def text(self, key: str, pattern: re.Pattern[str], allowed: str, example: str | None, default: str | None) -> str:
        self._keep(key, allowed, default)
        return super().text(key, pattern, allowed, example, default)

    def optional_text(self, key: str, pattern: re.Pattern[str], allowed: str, example: str) -> str | None:
        self._keep(key, allowed, None)
        return super().optional_text(key, pattern, allowed, example)

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        self._keep(key, ", ".join(allowed), default)
        return super().choice(key, allowed, default)

    def integer(self, key: str, allowed: range | tuple[int, ...], default: int, *, allowed_text: str = "") -> int:
        self._keep(key, allowed_text or config_reader._describe_range(allowed), str(default))  # noqa: SLF001 - the words of its own messages
        return super().integer(key, allowed, default, allowed_text=allowed_text)

    def boolean(self, key: str, *, default: bool) -> bool:
        self._keep(key, "true, false", str(default).lower())
        return super().boolean(key, default=default)

    def _keep(self, key: str, allowed: str, default: str | None) -> None:
        self.asked.append(Read(key, allowed.replace(REGION, "REGION"), default or ""))


def read(stack: str) -> dict[str, Read]:
    """What `Settings.read` asks for, by key, for a stack of that name."""
    asked: list[Read] = []
    with patch.object(_Recorder, "asked", asked, create=True), patch.object(settings, "Values", _Recorder):
        settings.Settings.read(pulumi.Config(PROJECT), stack=stack, region=REGION)
    return {each.key: each for each in asked}


def meanings() -> dict[str, str]:
    """What each field of `Settings` means, out of its docstring."""
    lines = (inspect.getdoc(settings.Settings) or "").splitlines()
    return {name: meaning for name, _, meaning in (line.partition(": ") for line in lines) if meaning}


def settings_table() -> str:
    """Key, meaning, allowed values and default of every setting."""
    real, local, said = read("dev"), read(settings.DISPOSABLE_STACK), meanings()
    rows: list[tuple[str, ...]] = []
    for key, found in sorted(real.items(), key=lambda each: list(said).index(_field(each[0]))):
        default = _code("" if REGION in found.default else found.default)
        if local[key].default != found.default:
            default += f" (stack `{settings.DISPOSABLE_STACK}`: {_code(local[key].default)})"
        rows.append((_code(key), said[_field(key)], found.allowed, default))
    return table(("Setting", "Meaning", "Allowed", "Default"), rows)


def _field(key: str) -> str:
    """The field of `Settings` that a key of the configuration becomes."""
    return _SNAKE.sub("_", key).lower()


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
