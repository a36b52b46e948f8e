"""`policypack`: what the pack holds, and what roles may do, from the command line."""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from policypack.controls import controls_of, rules_for
from policypack.host import schema
from policypack.host.nearest import nearest
from policypack.pack import PACK, VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rule import Rule


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0, and 2 for a rule or control that is not known; `iam can` has its own.

    141 when whoever reads the answer stops reading, as a shell says it of SIGPIPE.
    """
    parser = argparse.ArgumentParser(prog="policypack", description="The policy pack's rules and what they answer to.")
    parser.add_argument("--version", action="version", version=f"policypack {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    rules = commands.add_parser("rules", help="list the rules", description="List the rules, by concern.")
    rules.add_argument("--control", help="only those for a control or another tool's check id, e.g. CKV_AWS_28")
    rules.add_argument("--format", choices=("text", "json"), default="text")
    rules.set_defaults(run=_rules)
    one = commands.add_parser("rule", help="explain one rule", description="Why a rule exists and what to change.")
    one.add_argument("id", help="the rule's id, e.g. dynamodb-bills-on-demand")
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


_IAM = "The effective grants of a ROLE in a state, or `can`: whether it may do an ACTION on a RESOURCE."
_IAM_CODES = (
    "Exit codes of `can`: 0 allowed, 1 denied, 3 undecided; 2 for what cannot be asked. --requests ends with 0."
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
    from policypack.iam import commands  # noqa: PLC0415 - the other commands do without

    return commands.run(arguments)


def _rules(arguments: argparse.Namespace) -> int:
    chosen = list(PACK.rules)
    if arguments.control:
        ids = rules_for(arguments.control)
        if not ids:
            _complain(f"no rule answers to {arguments.control}", "policypack rules lists what there is")
            return 2
        chosen = [rule for rule in chosen if rule.id in ids]
    if arguments.format == "json":
        _print(json.dumps([_described(rule) for rule in chosen], indent=1))
        return 0
    width = max(len(rule.id) for rule in chosen)
    for concern in dict.fromkeys(rule.concern for rule in chosen):
        _print(concern.replace("_", " "))
        for rule in (rule for rule in chosen if rule.concern == concern):
            _print(f"  {rule.id:{width}}  {rule.severity.value:8}  {rule.level.value}")
    return 0


def _rule(arguments: argparse.Namespace) -> int:
    if arguments.id not in PACK:
        hint = nearest(arguments.id, (rule.id for rule in PACK.rules))
        _complain(f"no rule is called {arguments.id}{hint}", "policypack rules lists what there is")
        return 2
    rule = PACK.rule(arguments.id)
    _print(f"{rule.id}  ({rule.severity.value}, {rule.level.value})\n")
    for paragraph in (rule.why, rule.fix):
        _print(textwrap.fill(" ".join(paragraph.split()), 100) + "\n")
    _print("judges    " + ", ".join(sorted(rule.on)))
    for name, option in (schema.properties(rule.options) if rule.options else {}).items():
        _print(f"option    {name}: {json.dumps(option)}")
    for control in controls_of(rule.id):
        _print("control   " + " ".join(filter(None, (control.catalogue, control.version, control.control))))
    return 0


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


def _complain(what: str, then: str) -> None:
    sys.stderr.write(f"error: {what}\n       {then}\n")


if __name__ == "__main__":
    sys.exit(main())
