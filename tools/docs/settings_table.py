"""The table of the stack's settings, derived from the code that reads and validates them."""

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
from tools.docs.markdown_table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT: Final = "test"
_SNAKE: Final = re.compile("(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Setting:
    """A key of the configuration, its allowed values, and its default."""

    key: str
    allowed: str
    default: str


class _Recorder(config_reader.ConfigReader):
    """Reads the configuration, and records each setting that was read."""

    recorded: list[Setting]

    def text(self, key: str, pattern: re.Pattern[str], allowed: str, example: str | None, default: str | None) -> str:
        self._record(key, allowed, default)
        return super().text(key, pattern, allowed, example, default)

    def optional_text(self, key: str, pattern: re.Pattern[str], allowed: str, example: str) -> str | None:
        self._record(key, allowed, None)
        return super().optional_text(key, pattern, allowed, example)

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        self._record(key, ", ".join(allowed), default)
        return super().choice(key, allowed, default)

    def integer(self, key: str, allowed: range | tuple[int, ...], default: int, *, allowed_text: str = "") -> int:
        self._record(key, allowed_text or config_reader.describe_range(allowed), str(default))
        return super().integer(key, allowed, default, allowed_text=allowed_text)

    def boolean(self, key: str, *, default: bool) -> bool:
        self._record(key, "true, false", str(default).lower())
        return super().boolean(key, default=default)

    def _record(self, key: str, allowed: str, default: str | None) -> None:
        self.recorded.append(Setting(key, allowed.replace(REGION, "REGION"), default or ""))


def read_settings(stack: str) -> dict[str, Setting]:
    """The settings that `Settings.read` reads for a stack of that name, by key."""
    recorded: list[Setting] = []
    with patch.object(_Recorder, "recorded", recorded, create=True), patch.object(settings, "ConfigReader", _Recorder):
        settings.Settings.read(pulumi.Config(PROJECT), stack=stack, region=REGION)
    return {each.key: each for each in recorded}


def descriptions() -> dict[str, str]:
    """The description of each field of `Settings`, from its docstring."""
    lines = (inspect.getdoc(settings.Settings) or "").splitlines()
    return {name: text for name, _, text in (line.partition(": ") for line in lines) if text}


def settings_table() -> str:
    """Key, description, allowed values and default of every setting."""
    real, local = read_settings("dev"), read_settings(settings.DISPOSABLE_STACK)
    described = descriptions()
    rows: list[tuple[str, ...]] = []
    for key, found in sorted(real.items(), key=lambda each: list(described).index(_field(each[0]))):
        default = _code("" if REGION in found.default else found.default)
        if local[key].default != found.default:
            default += f" (stack `{settings.DISPOSABLE_STACK}`: {_code(local[key].default)})"
        rows.append((_code(key), described[_field(key)], found.allowed, default))
    return table(("Setting", "Description", "Allowed values", "Default"), rows)


def _field(key: str) -> str:
    """The field of `Settings` for a key of the configuration."""
    return _SNAKE.sub("_", key).lower()


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
