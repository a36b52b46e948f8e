"""`policypack rule ID`: explain one rule."""

from __future__ import annotations

import difflib
import json
import shlex
import textwrap
from typing import TYPE_CHECKING, Final

from policypack.cli.catalogue import catalogue
from policypack.cli.search import ranked
from policypack.cli.terminal import MistakeError, print_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from policypack.cli.catalogue import Described
    from policypack.rule_pack import Pack

_LISTED: Final = 10  # ids that are named where none is called so
_COLUMNS: Final = 100


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("rule", help="explain one rule", description="Why a rule exists and what to change.")
    parser.add_argument(
        "id",
        help="the rule's id, e.g. dynamodb-table-uses-on-demand-billing; a part of one lists the ids that have it",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, pack: Pack) -> int:
    """Explain the rule, or say which ids are near."""
    rules = catalogue(pack)
    found = next((rule for rule in rules if rule.id == arguments.id), None)
    if found is None:
        raise MistakeError(*_not_called(arguments.id, rules))
    print_lines("\n".join(_explained(found)))
    return 0


def _explained(rule: Described) -> Iterator[str]:
    yield rule.id
    yield ""
    for paragraph in (rule.why, rule.fix):
        yield textwrap.fill(" ".join(paragraph.split()), _COLUMNS)
        yield ""
    yield f"concern   {rule.concern}"
    yield f"severity  {rule.severity}"
    yield f"level     {rule.level} by default"
    yield f"scope     {rule.scope}"
    if rule.on:
        yield f"judges    {', '.join(rule.on)}"
    for name, option in rule.options.items():
        yield f"option    {name}: {json.dumps(option)}"
    for control in rule.controls:
        yield f"control   {control}"
    yield f"file      {rule.file}"


def _not_called(word: str, rules: Sequence[Described]) -> list[str]:
    """That no rule is called so, the ids that have the word in them or are the nearest, and where to look further."""
    ids = [rule.id for rule in rules]
    joined = word.lower().replace("_", "-").replace(" ", "-")
    found = [each for each in ids if joined in each] or difflib.get_close_matches(word, ids, cutoff=0.5)
    further = "`policypack rules` lists all rules"
    if ranked([word], rules):
        further += f"; `policypack rules {shlex.quote(word)}` finds those about it"
    if len(found) == 1:
        return [f"no rule is called {word}; nearest: {found[0]}", further]
    more = [f"and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
    return [f"no rule is called {word}{'; nearest:' if found else ''}", *found[:_LISTED], *more, further]
