"""`policypack rules`: list the rules, or find those about something."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

import msgspec

from policypack.cli.catalogue import catalogue
from policypack.cli.search import MOST, ranked
from policypack.cli.terminal import MistakeError, console, print_lines
from policypack.controls import rules_for

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from policypack.cli.catalogue import Described
    from policypack.rule_pack import Pack

_DESCRIPTION: Final = (
    "List the rules, by concern, with the reason for each in short. With words: the rules that are about them, best "
    f"matches first, {MOST} at most. Words are looked for in ids, search terms, reasons, fixes, options, controls and "
    "concerns; case, hyphens and spaces do not matter. Exit codes: 0; 1 where no rule is about the words; 2 for a "
    "control that is not known."
)
_LESS: Final = "try fewer or shorter words, or a service (queue, function, role); `policypack rules` lists all rules"
_STYLES: Final = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "blue"}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("rules", help="list the rules, or those about something", description=_DESCRIPTION)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only rules about these words, e.g. queue time-out")
    parser.add_argument("--control", help="only those for a control or another tool's check id, e.g. CKV_AWS_28")
    parser.add_argument("--all", action="store_true", help=f"with words: all that have them, not the best {MOST} only")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, pack: Pack) -> int:
    """List what was asked for."""
    chosen: Sequence[Described] = catalogue(pack)
    if arguments.control:
        ids = rules_for(arguments.control)
        if not ids:
            raise MistakeError(
                f"no rule is mapped to control {arguments.control}", "`policypack rules` lists all rules"
            )
        chosen = [rule for rule in chosen if rule.id in ids]
    left_out = 0
    if arguments.words:
        chosen = ranked(arguments.words, chosen)
        if not chosen:
            raise MistakeError(f"no rule is about {' '.join(arguments.words)}", _LESS, code=1)
        if not arguments.all:
            left_out, chosen = len(chosen[MOST:]), chosen[:MOST]
    if arguments.format == "json":
        sys.stdout.write(json.dumps(msgspec.to_builtins(chosen), indent=1) + "\n")
        return 0
    _print_best(chosen) if arguments.words else _print_all(chosen)
    if left_out:
        sys.stderr.write(f"and {left_out} more: add a word, or --all\n")
    return 0


def _print_all(rules: Iterable[Described]) -> None:
    """The rules under their concerns, a line each."""
    by_concern: dict[str, list[Described]] = {}
    for rule in rules:
        by_concern.setdefault(rule.concern, []).append(rule)
    width = max(len(rule.id) for group in by_concern.values() for rule in group)
    for concern, group in by_concern.items():
        _print_table(group, title=concern, width=width, one_line=True)


def _print_best(rules: Iterable[Described]) -> None:
    """The rules in their order, with the whole reason."""
    _print_table(rules, title="", width=0, one_line=False)


def _print_table(rules: Iterable[Described], *, title: str, width: int, one_line: bool) -> None:
    terminal = console()
    from rich.table import Table  # noqa: PLC0415 - console() has checked that it is installed
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, min_width=width + 2)
    table.add_column(no_wrap=True, min_width=8)
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(no_wrap=one_line, overflow="ellipsis" if one_line else "fold")
    for rule in rules:
        table.add_row(
            Text(f"  {rule.id}", style="bold"),
            Text(rule.severity, style=_STYLES[rule.severity]),
            Text(rule.level),
            Text(rule.summary),
        )
    with terminal.capture() as captured:
        if title:
            terminal.print(Text(title, style="bold underline"))
        terminal.print(table)
    print_lines(captured.get())
