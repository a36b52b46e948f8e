"""Policy variables: `${aws:username}`, `${aws:username, 'nobody'}`, and the literals `${*}` `${?}` `${$}`.

IAM user guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.iam.globs import ESCAPE_WILDCARDS, replace_reserved_characters

if TYPE_CHECKING:
    from collections.abc import Callable

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT: Final = re.compile(r"([^,']*),\s*'([^']*)'\s*\Z")
_CHARACTERS: Final = ("*", "?", "$")


def has_variables(text: str) -> bool:
    """Whether the text holds a variable or one of the three literals."""
    return "${" in text and _VARIABLE.search(text) is not None


def substitute_variables(text: str, value_of: Callable[[str], str | None], *, pattern: bool) -> str | None:
    """Put the values of a request in place of the variables; None where one has no value and no default.

    `value_of` is asked with the key in lower case. In a `pattern`, what comes from a variable matches only itself:
    a `*` in somebody's name is no wildcard.
    """
    if "${" not in text:
        return text
    missing = False

    def one(found: re.Match[str]) -> str:
        nonlocal missing
        inner = found[1]
        value: str | None
        if inner in _CHARACTERS:
            value = inner
        else:
            split = _DEFAULT.match(inner)
            value = value_of((split[1] if split else inner).strip().lower())
            if value is None and split:
                value = split[2]
        if value is None:
            missing = True
            return ""
        return replace_reserved_characters(value).translate(ESCAPE_WILDCARDS) if pattern else value

    filled = _VARIABLE.sub(one, text)
    return None if missing else filled


def variable_names(text: str) -> tuple[str, ...]:
    """The keys, in lower case, that the text's variables read."""
    inner = (found[1] for found in _VARIABLE.finditer(text))
    return tuple(key.partition(",")[0].strip().lower() for key in inner if key not in _CHARACTERS)


def variables_to_wildcards(pattern: str) -> str:
    """The pattern with `*` in place of every variable: all that it may come to stand for."""
    if "${" not in pattern:
        return pattern
    return _VARIABLE.sub(
        lambda found: found[1].translate(ESCAPE_WILDCARDS) if found[1] in _CHARACTERS else "*", pattern
    )
