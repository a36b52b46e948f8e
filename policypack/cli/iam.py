"""`policypack iam`: list the effective permissions of a role, or evaluate whether it may do an action on a resource."""

from __future__ import annotations

import difflib
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from policypack.access.arn_index import ArnIndex
from policypack.access.role_grants import permissions_of
from policypack.cli.iam_table import permissions_as_dict, table
from policypack.cli.terminal import MistakeError
from policypack.iam.actions import action_names, can_apply_to_resource, find_action
from policypack.iam.evaluation import Verdict, evaluate, evaluate_record
from policypack.iam.requests import make_request
from policypack.model import ROLE
from policypack.model.arn import is_arn
from policypack.model.services import ARN_FORMATS
from policypack.model.state import StateError, read
from policypack.text import nearest, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from policypack.access.role_grants import RolePermissions
    from policypack.iam.evaluation import Decision
    from policypack.model import Resource, Stack
    from policypack.rule_pack import Pack

EXIT: Final = {Verdict.ALLOWED: 0, Verdict.DENIED: 1, Verdict.UNDECIDED: 3}
"""Exit codes of `can`. Exit code 2 means that the arguments are not valid."""
_HELP: Final = "policypack iam --help explains the arguments"
_ACTIONS: Final = "AWS's Service Authorization Reference lists the actions of each service"
_DESCRIPTION: Final = (
    "List the effective permissions of a ROLE in a stack's state. "
    "With `can`: evaluate whether the role may do an ACTION on a RESOURCE."
)
_CODES: Final = (
    "Exit codes of `can`: 0 allowed, 1 denied, 3 undecided, 2 invalid arguments, for example an action that its "
    "service does not have. With --requests the exit code is 0."
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "iam", help="list the permissions of a role, or evaluate a request", description=_DESCRIPTION, epilog=_CODES
    )
    parser.usage = "policypack iam ROLE --state FILE | can ROLE ACTION RESOURCE --state FILE | can --requests FILE"
    parser.add_argument("words", nargs="*", metavar="ROLE | can ROLE ACTION RESOURCE")
    parser.add_argument("--state", metavar="FILE", help="state of a stack, written by `pulumi stack export`")
    parser.add_argument("--requests", metavar="FILE", help="requests to evaluate as JSON lines, - for stdin")
    parser.add_argument(
        "--context", metavar="KEY=VALUE", action="append", default=[], help="value of a condition key; can be repeated"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, _pack: Pack) -> int:
    """Run the command. The result does not depend on the rules of a pack."""
    try:
        return _run(list(arguments.words), arguments)
    except StateError as error:
        raise _mistake(error.what, error.then) from error


def _mistake(what: str, then: str = _HELP) -> MistakeError:
    """An error for invalid arguments: what is wrong, and the next step."""
    return MistakeError(printable(what), printable(then))


def _run(words: list[str], arguments: argparse.Namespace) -> int:
    can, words = (True, words[1:]) if words[:1] == ["can"] else (False, words)
    if can and arguments.requests:
        if words:
            raise _mistake("with --requests, roles, actions and resources are read from the file")
        return _evaluate_file(arguments.requests)
    if arguments.requests:
        raise _mistake("--requests can only be used with policypack iam can")
    if len(words) != (3 if can else 1):
        raise _mistake("a role, an action and a resource are required" if can else "exactly one role is required")
    if not arguments.state:
        raise _mistake("--state FILE is required", "pulumi stack export --file state.json")
    stack = read(arguments.state)
    permissions = permissions_of(stack, _find_role(stack, words[0]))
    if not can:
        _print(
            json.dumps(permissions_as_dict(permissions), indent=1) if arguments.format == "json" else table(permissions)
        )
        return 0
    return _can(stack, permissions, words[1:], arguments)


def _can(stack: Stack, permissions: RolePermissions, words: Sequence[str], arguments: argparse.Namespace) -> int:
    action = words[0]
    if ":" not in action or "*" in action or "?" in action:
        raise _mistake(f"{action} is not an action: write one action as service:Action")
    _check_action(action)
    resource = _resource_arn(stack, words[1], action)
    arn = permissions.role.get("arn")
    principal = str.__str__(arn) if isinstance(arn, str) else ""
    request = make_request(action, resource, principal, _context(arguments.context), incomplete_context=True)
    decision = evaluate(request, permissions.documents, permissions.boundary)
    statement = _deciding_statement(permissions, decision)
    if arguments.format == "json":
        _print(json.dumps({"verdict": decision.verdict.value, "why": decision.reason, **statement}))
    else:
        found = f": {statement['document']}, {statement['place'] or 'the whole document'}" if statement else ""
        _print(printable(f"{decision.verdict.value}: {decision.reason}{found}"))
    return EXIT[decision.verdict]


def _check_action(action: str) -> None:
    """Reject an action that its service does not have: a misspelled action would otherwise be reported as denied.

    Actions of services that are not in the data are accepted.
    """
    service, _, name = action.partition(":")
    names = {known.lower(): known for known in action_names(service.lower())}
    if not names or find_action(action):
        return
    close = difflib.get_close_matches(name.lower(), names, n=1)
    hint = f"; nearest: {service.lower()}:{names[close[0]]}" if close else ""
    raise _mistake(f"unknown action {action}{hint}", _ACTIONS)


def _deciding_statement(permissions: RolePermissions, decision: Decision) -> dict[str, str]:
    """The statement that decides, and the resource of the stack that contains it. Empty if no statement decides."""
    if not decision.document:
        return {}
    source = next(
        one for one in (*permissions.documents, *(permissions.boundary or ())) if one.name == decision.document
    )
    return {"document": source.name, "place": decision.place, "resource": source.holder.urn, "property": source.path}


def _evaluate_file(name: str) -> int:
    """Evaluate the request in each line of a file, `-` for stdin. An invalid line is undecided and reported."""
    with ExitStack() as opened:
        try:
            lines: TextIO = sys.stdin if name == "-" else opened.enter_context(Path(name).open(encoding="utf-8"))
            for number, line in enumerate(lines, 1):
                if line.strip():
                    _print(json.dumps(_evaluate_line(line, number)))
                    sys.stdout.flush()  # a program at the other end of a pipe waits for each result
        except OSError as error:
            raise _mistake(f"{name} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise _mistake(f"{name} is not UTF-8 text") from error
    return 0


def _evaluate_line(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        sys.stderr.write(f"line {number}: is not a request: a request is a JSON object\n")
        return {"id": None, "verdict": Verdict.UNDECIDED.value}
    return {"id": record.get("id"), "verdict": evaluate_record(record).verdict.value}


def _find_role(stack: Stack, name: str) -> Resource:
    """The role with this logical name, physical name, ARN or URN."""
    roles = stack.of_type(ROLE)
    found = [one for one in roles if name in {one.urn, one.name} or name in _texts(one, "name", "arn")]
    if len(found) == 1:
        return found[0]
    if found:
        raise _mistake(f"{len(found)} roles are named {name}", "use the URN of one: " + ", ".join(_urns(found)))
    raise _mistake(f"the state has no role {name}{nearest(name, (one.name for one in roles))}")


def _resource_arn(stack: Stack, name: str, action: str) -> str:
    """The ARN of the resource with this logical or physical name that the action can apply to. ARNs are unchanged."""
    if name == "*" or is_arn(name):
        return name
    known = stack.of_type(*ARN_FORMATS)
    found = [one for one in known if name in {one.urn, one.name} or name in _texts(one, ARN_FORMATS[one.type].name)]
    arns = {arn for one in found if (arn := stack.cached(ArnIndex).arn_of(one)) is not None and "*" not in arn}
    if len(arns) > 1 and (known_action := find_action(action)) is not None:
        arns = {arn for arn in arns if can_apply_to_resource(known_action, arn)} or arns
    if len(arns) == 1:
        return arns.pop()
    if arns:
        raise _mistake(f"{len(arns)} resources are named {name}", f"use the ARN of one: {', '.join(sorted(arns))}")
    hint = nearest(name, (one.name for one in known))
    raise _mistake(f"{name} is neither an ARN nor a resource in the state{hint}")


def _context(pairs: Sequence[str]) -> dict[str, list[str]]:
    """The values of each condition key, from pairs such as `aws:SourceVpc=vpc-1`. Repeated keys have several values."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise _mistake(f"{pair} is not a condition key with a value", "write it as --context aws:SourceVpc=vpc-1")
        found.setdefault(key, []).append(value)
    return found


def _texts(resource: Resource, *paths: str) -> list[str]:
    return [str.__str__(value) for path in paths if isinstance(value := resource.get(path), str)]


def _urns(resources: Sequence[Resource]) -> list[str]:
    return [resource.urn for resource in resources]


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
