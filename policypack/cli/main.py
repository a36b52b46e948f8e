"""`policypack`: what the pack holds, and what roles may do, from the command line."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import shlex
import sys
import textwrap
from typing import TYPE_CHECKING, Any, Final

from policypack.controls import controls_of, rules_for
from policypack.judge import options_schema
from policypack.pack import PACK
from policypack.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rule import Rule

_COLUMNS: Final = 120  # of a line in the list of all rules
_LISTED: Final = 10  # ids that are named where none is called so


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0, and 2 for a rule or control that is not known; `iam can` has its own.

    1 where no rule is about the words that `rules` was asked for.
    141 when whoever reads the answer stops reading, as a shell says it of SIGPIPE.
    """
    parser = argparse.ArgumentParser(prog="policypack", description="The policy pack's rules and what they answer to.")
    parser.add_argument("--version", action="version", version=f"policypack {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    rules = commands.add_parser("rules", help="list the rules, or those about something", description=_RULES)
    rules.add_argument("words", nargs="*", metavar="WORD", help="only rules with each of them, e.g. queue time-out")
    rules.add_argument("--control", help="only those for a control or another tool's check id, e.g. CKV_AWS_28")
    rules.add_argument("--format", choices=("text", "json"), default="text")
    rules.set_defaults(run=_rules)
    one = commands.add_parser("rule", help="explain one rule", description="Why a rule exists and what to change.")
    one.add_argument(
        "id", help="the rule's id, e.g. dynamodb-table-uses-on-demand-billing; a part of one lists the ids that have it"
    )
    one.set_defaults(run=_rule)
    _add_iam(commands.add_parser("iam", help="what a role may do", description=_IAM, epilog=_IAM_CODES))
    arguments = parser.parse_args(words)
    try:
        code = int(arguments.run(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
        return 141
    return code


_RULES = (
    "List the rules, by concern, with the reason for each in short. With words: those that have each of them in id, "
    "reason, fix or options, with the whole reason; case, hyphens and spaces do not matter. Exit codes: 0; 1 where no "
    "rule is about the words; 2 for a control that is not known."
)
_IAM = "The effective grants of a ROLE in a state, or `can`: whether it may do an ACTION on a RESOURCE."
_IAM_CODES = (
    "Exit codes of `can`: 0 allowed, 1 denied, 3 undecided; 2 for what cannot be asked, as an action that its "
    "service does not have. --requests ends with 0."
)


def _add_iam(parser: argparse.ArgumentParser) -> None:
    parser.usage = "policypack iam ROLE --state FILE | can ROLE ACTION RESOURCE --state FILE | can --requests FILE"
    parser.add_argument("words", nargs="*", metavar="ROLE | can ROLE ACTION RESOURCE")
    parser.add_argument("--state", metavar="FILE", help="what `pulumi stack export` writes")
    parser.add_argument("--requests", metavar="FILE", help="JSON lines to answer, - for stdin")
    parser.add_argument("--context", metavar="KEY=VALUE", action="append", default=[], help="a condition key, known")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=_iam)


def _iam(arguments: argparse.Namespace) -> int:
    from policypack.cli import iam  # noqa: PLC0415 - the other commands do without

    return iam.run(arguments)


def _rules(arguments: argparse.Namespace) -> int:
    chosen = list(PACK.rules)
    if arguments.control:
        ids = rules_for(arguments.control)
        if not ids:
            _complain(f"no rule answers to {arguments.control}", "policypack rules lists what there is")
            return 2
        chosen = [rule for rule in chosen if rule.id in ids]
    chosen = _about(arguments.words, chosen)
    if not chosen:
        _complain(f"no rule is about {' '.join(arguments.words)}", _LESS)
        return 1
    if arguments.format == "json":
        _print(json.dumps([_described(rule) for rule in chosen], indent=1))
        return 0
    width = max(len(rule.id) for rule in chosen)
    for concern in dict.fromkeys(rule.concern for rule in chosen):
        _print(concern.replace("_", " "))
        for rule in (rule for rule in chosen if rule.concern == concern):
            line = f"  {rule.id:{width}}  {rule.severity.value:8}  {rule.level.value:9}  "
            reason = _reason(rule)
            if not arguments.words:
                reason = textwrap.shorten(reason, _COLUMNS - len(line), placeholder="...")
            _print(line + reason)
    return 0


_LESS = "try fewer or shorter words, or a service (queue, function, role); policypack rules lists what there is"


def _about(words: Sequence[str], rules: Sequence[Rule]) -> list[Rule]:
    """The rules that have each word somewhere in id, docstring, fix or the names of options."""
    wanted = [_joined(word) for word in words]
    return [rule for rule in rules if all(any(word in text for text in _texts(rule)) for word in wanted)]


def _texts(rule: Rule) -> list[str]:
    options = options_schema.properties(rule.options) if rule.options else ()
    return [_joined(text) for text in (rule.id, rule.why, rule.fix, *options)]


def _joined(text: str) -> str:
    """Text to compare: `Time-out`, `time out` and `timeout` are one."""
    return re.sub(r"[\s_-]", "", text.lower())


def _reason(rule: Rule) -> str:
    """The first sentence of the docstring."""
    return re.split(r"(?<=[.!?])\s", " ".join(rule.why.split()), maxsplit=1)[0]


def _rule(arguments: argparse.Namespace) -> int:
    if arguments.id not in PACK:
        _complain(*_not_called(arguments.id))
        return 2
    rule = PACK.rule(arguments.id)
    _print(f"{rule.id}  ({rule.severity.value}, {rule.level.value})\n")
    for paragraph in (rule.why, rule.fix):
        _print(textwrap.fill(" ".join(paragraph.split()), 100) + "\n")
    _print("judges    " + ", ".join(sorted(rule.on)))
    for name, option in (options_schema.properties(rule.options) if rule.options else {}).items():
        _print(f"option    {name}: {json.dumps(option)}")
    for control in controls_of(rule.id):
        _print("control   " + " ".join(filter(None, (control.catalogue, control.version, control.control))))
    return 0


def _not_called(word: str) -> list[str]:
    """That no rule is called so, the ids that have the word in them or are the nearest, and where to look further."""
    ids = [rule.id for rule in PACK.rules]
    found = [id_ for id_ in ids if _joined(word) in _joined(id_)] or difflib.get_close_matches(word, ids, cutoff=0.5)
    further = "policypack rules lists what there is"
    if _about([word], PACK.rules):
        further += f", policypack rules {shlex.quote(word)} what is about it"
    if len(found) == 1:
        return [f"no rule is called {word}; nearest: {found[0]}", further]
    more = [f"and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
    return [f"no rule is called {word}{'; nearest:' if found else ''}", *found[:_LISTED], *more, further]


def _described(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "concern": rule.concern,
        "severity": rule.severity.value,
        "level": rule.level.value,
        "scope": rule.scope.value,
        "on": sorted(rule.on),
        "why": rule.why,
        "fix": rule.fix,
        "controls": [f"{each.catalogue} {each.control}" for each in controls_of(rule.id)],
    }


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(what: str, *then: str) -> None:
    sys.stderr.write("\n       ".join((f"error: {what}", *then)) + "\n")
