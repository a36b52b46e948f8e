"""Policy variables such as `${aws:username}` or `${aws:username, 'nobody'}` and the escapes `${*}`, `${?}` and `${$}`.

Source: IAM user guide, "IAM policy elements: Variables and tags".
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


def substitute_variables(text: str, value_of: Callable[[str], str | None], *, pattern: bool) -> str | None:
    """Replace the variables with values of a request. None if a variable has neither a value nor a default.

    `value_of` takes the condition key in lower case. `pattern`: the text is a pattern, so that wildcards in the values
    are escaped; a `*` in a user name is not a wildcard.
    """
    if "${" not in text:
        return text
    missing = False

    def value_for(found: re.Match[str]) -> str:
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

    replaced = _VARIABLE.sub(value_for, text)
    return None if missing else replaced


def variable_names(text: str) -> tuple[str, ...]:
    """The condition keys, in lower case, of the variables in the text."""
    inner = (found[1] for found in _VARIABLE.finditer(text))
    return tuple(key.partition(",")[0].strip().lower() for key in inner if key not in _CHARACTERS)


def variables_to_wildcards(pattern: str) -> str:
    """The pattern with `*` in place of every variable. It matches whatever the pattern can match for any request."""
    if "${" not in pattern:
        return pattern
    return _VARIABLE.sub(
        lambda found: found[1].translate(ESCAPE_WILDCARDS) if found[1] in _CHARACTERS else "*", pattern
    )
