"""`policypack iam`: what a role may do, and whether it may do one thing."""

from __future__ import annotations

import difflib
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from policypack.access.arn_index import Owned
from policypack.access.role_grants import rights_of
from policypack.cli.iam_table import described, table
from policypack.cli.terminal import MistakeError
from policypack.iam.actions import action_names, can_apply_to_resource, find_action
from policypack.iam.evaluation import Verdict, evaluate, evaluate_record
from policypack.iam.requests import make_request
from policypack.model import ROLE
from policypack.model.services import ARN_FORMATS
from policypack.model.state import StateError, read
from policypack.words import nearest, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from policypack.access.role_grants import Rights
    from policypack.iam.evaluation import Decision
    from policypack.model import Resource, Stack
    from policypack.rule_pack import Pack

EXIT: Final = {Verdict.ALLOWED: 0, Verdict.DENIED: 1, Verdict.UNDECIDED: 3}
"""Exit codes of `can`. 2 is for a question that cannot be asked."""
_HELP: Final = "policypack iam --help shows how to ask"
_ACTIONS: Final = "AWS's Service Authorization Reference lists the actions of each service"


_DESCRIPTION: Final = "The effective grants of a ROLE in a state, or `can`: whether it may do an ACTION on a RESOURCE."
_CODES: Final = (
    "Exit codes of `can`: 0 allowed, 1 denied, 3 undecided; 2 for what cannot be asked, as an action that its "
    "service does not have. --requests ends with 0."
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("iam", help="what a role may do", description=_DESCRIPTION, epilog=_CODES)
    parser.usage = "policypack iam ROLE --state FILE | can ROLE ACTION RESOURCE --state FILE | can --requests FILE"
    parser.add_argument("words", nargs="*", metavar="ROLE | can ROLE ACTION RESOURCE")
    parser.add_argument("--state", metavar="FILE", help="what `pulumi stack export` writes")
    parser.add_argument("--requests", metavar="FILE", help="JSON lines to answer, - for stdin")
    parser.add_argument("--context", metavar="KEY=VALUE", action="append", default=[], help="a condition key, known")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, _pack: Pack) -> int:
    """Answer one question, or a stream of them. The answers do not depend on the rules of a pack."""
    try:
        return _run(list(arguments.words), arguments)
    except StateError as error:
        raise _mistake(error.what, error.then) from error


def _mistake(what: str, then: str = _HELP) -> MistakeError:
    """A question that cannot be asked: what is wrong, and the next step."""
    return MistakeError(printable(what), printable(then))


def _run(words: list[str], arguments: argparse.Namespace) -> int:
    asked, words = (True, words[1:]) if words[:1] == ["can"] else (False, words)
    if asked and arguments.requests:
        if words:
            raise _mistake("with --requests the questions are in the file")
        return _requests(arguments.requests)
    if arguments.requests:
        raise _mistake("--requests is for policypack iam can")
    if len(words) != (3 if asked else 1):
        raise _mistake("a role, an action and a resource are needed" if asked else "one role is needed")
    if not arguments.state:
        raise _mistake("--state FILE is needed", "pulumi stack export --file state.json")
    stack = read(arguments.state)
    rights = rights_of(stack, _role(stack, words[0]))
    if not asked:
        _print(json.dumps(described(rights), indent=1) if arguments.format == "json" else table(rights))
        return 0
    return _can(stack, rights, words[1:], arguments)


def _can(stack: Stack, rights: Rights, words: Sequence[str], arguments: argparse.Namespace) -> int:
    action = words[0]
    if ":" not in action or "*" in action or "?" in action:
        raise _mistake(f"{action} is no action: one as service:Action is needed")
    _check(action)
    resource = _resource(stack, words[1], action)
    arn = rights.role.get("arn")
    principal = str.__str__(arn) if isinstance(arn, str) else ""
    asked = make_request(action, resource, principal, _context(arguments.context), open_context=True)
    decision = evaluate(asked, rights.documents, rights.boundary)
    if arguments.format == "json":
        _print(json.dumps({"verdict": decision.verdict.value, "why": decision.reason, **_decider(rights, decision)}))
    else:
        where = _decider(rights, decision)
        found = f": {where['document']}, {where['place'] or 'as a whole'}" if where else ""
        _print(printable(f"{decision.verdict.value}: {decision.reason}{found}"))
    return EXIT[decision.verdict]


def _check(action: str) -> None:
    """Refuse an action that its service does not have: a slip of the pen, which would be denied like a real one.

    Of a service that the data does not know, every action may be one.
    """
    service, _, name = action.partition(":")
    names = {known.lower(): known for known in action_names(service.lower())}
    if not names or find_action(action):
        return
    close = difflib.get_close_matches(name.lower(), names, n=1)
    hint = f"; nearest: {service.lower()}:{names[close[0]]}" if close else ""
    raise _mistake(f"no such action is known: {action}{hint}", _ACTIONS)


def _decider(rights: Rights, decision: Decision) -> dict[str, str]:
    """The statement that decides, and the resource of the program that holds it."""
    if not decision.document:
        return {}
    held = next(one for one in (*rights.documents, *(rights.boundary or ())) if one.name == decision.document)
    return {"document": held.name, "place": decision.place, "resource": held.holder.urn, "property": held.path}


def _requests(name: str) -> int:
    """Answer each line of a file, `-` for stdin. A line that is no request is undecided, and said."""
    with ExitStack() as opened:
        try:
            lines: TextIO = sys.stdin if name == "-" else opened.enter_context(Path(name).open(encoding="utf-8"))
            for number, line in enumerate(lines, 1):
                if line.strip():
                    _print(json.dumps(_answer(line, number)))
                    sys.stdout.flush()  # whoever asks through a pipe waits for each answer
        except OSError as error:
            raise _mistake(f"{name} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise _mistake(f"{name} is not text in UTF-8") from error
    return 0


def _answer(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        sys.stderr.write(f"line {number}: is no request: a JSON object is needed\n")
        return {"id": None, "verdict": Verdict.UNDECIDED.value}
    return {"id": record.get("id"), "verdict": evaluate_record(record).verdict.value}


def _role(stack: Stack, name: str) -> Resource:
    """The role of that name in the program, name in AWS, ARN or URN."""
    roles = stack.of_type(ROLE)
    found = [one for one in roles if name in {one.urn, one.name} or name in _texts(one, "name", "arn")]
    if len(found) == 1:
        return found[0]
    if found:
        raise _mistake(f"{len(found)} roles are called {name}", "name one by its URN: " + ", ".join(_urns(found)))
    raise _mistake(f"the state has no role {name}{nearest(name, (one.name for one in roles))}")


def _resource(stack: Stack, name: str, action: str) -> str:
    """An ARN as it is, or that of the resource of this name, in the program or in AWS, that fits the action."""
    if name == "*" or name.startswith("arn:"):
        return name
    known = stack.of_type(*ARN_FORMATS)
    found = [one for one in known if name in {one.urn, one.name} or name in _texts(one, ARN_FORMATS[one.type].name)]
    arns = {arn for one in found if (arn := stack.once(Owned).arn(one)) is not None and "*" not in arn}
    if len(arns) > 1 and (asked := find_action(action)) is not None:
        arns = {arn for arn in arns if can_apply_to_resource(asked, arn)} or arns
    if len(arns) == 1:
        return arns.pop()
    if arns:
        known_as = ", ".join(sorted(arns))
        raise _mistake(f"{len(arns)} resources are called {name}", f"name one by its ARN: {known_as}")
    hint = nearest(name, (one.name for one in known))
    raise _mistake(f"{name} is neither an ARN nor a resource in the state{hint}")


def _context(pairs: Sequence[str]) -> dict[str, list[str]]:
    """Condition keys with their values: `aws:SourceVpc=vpc-1`, more than once for a key with several."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise _mistake(f"{pair} is no condition key with a value", "write it as --context aws:SourceVpc=vpc-1")
        found.setdefault(key, []).append(value)
    return found


def _texts(resource: Resource, *paths: str) -> list[str]:
    return [str.__str__(value) for path in paths if isinstance(value := resource.get(path), str)]


def _urns(resources: Sequence[Resource]) -> list[str]:
    return [resource.urn for resource in resources]


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
