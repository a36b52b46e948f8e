"""Writing to the terminal: tables and colours where it is one, plain lines where somebody else reads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

_WIDE: Final = 1000  # columns of a line that no terminal shows: nothing is cut off for programs such as grep


class MissingExtraError(Exception):
    """A command needs a package that the core of policypack does not bring: which, and how to get it."""

    def __init__(self, package: str, extra: str) -> None:
        self.what = f"this needs {package}, which the extra {extra!r} of policypack brings"
        self.then = f"pip install 'policypack[{extra}]'"
        super().__init__(f"{self.what}; {self.then}")


class MistakeError(Exception):
    """What was asked cannot be answered: why, and what to do next, a line each. `code` is the exit code."""

    def __init__(self, what: str, *then: str, code: int = 2) -> None:
        self.what, self.then, self.code = what, then, code
        super().__init__(what)


def console() -> Console:
    """A console on stdout. Raises MissingExtraError without rich."""
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra: other commands do without
    except ImportError as error:
        raise MissingExtraError("rich", "cli") from error
    width = None if sys.stdout.isatty() else _WIDE
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


def print_lines(text: str) -> None:
    """Write text to stdout, without trailing spaces."""
    sys.stdout.writelines(line.rstrip() + "\n" for line in text.splitlines())


def complain(what: str, *then: str) -> None:
    """Write an error to stderr: what is wrong, and below it what to do."""
    sys.stderr.write("\n       ".join((f"error: {what}", *then)) + "\n")
