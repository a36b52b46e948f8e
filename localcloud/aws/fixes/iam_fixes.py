"""Changes to ministack's policy evaluator."""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from dataclasses import replace as changed
from typing import Any, Final

from ministack import app
from ministack.core import iam_actions, iam_evaluator

from localcloud.aws.patching import private, replace

VARIABLE: Final = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")
VERSION: Final = "2012-10-17"
NEVER: Final = "\0"
"""Replaces a variable without a value: it equals nothing, so only a negated operator matches."""


def apply() -> None:
    """Apply the changes."""
    _variables()
    _transport()
    _batches()


def _batches() -> None:
    """The batch operations of SQS need the permission of the single operation.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    """
    extract = private(iam_actions, "extract_iam_action")

    def extracted(*args: Any, **kwargs: Any) -> Any:
        action = extract(*args, **kwargs)
        if isinstance(action, str) and action.startswith("sqs:"):
            return action.removesuffix("Batch")
        return action

    replace(iam_actions, "extract_iam_action", extracted)


def _transport() -> None:
    """Every request counts as one over TLS: the loopback port replaces AWS's endpoints, which only accept TLS.

    Policies that deny requests without TLS (aws:SecureTransport) would otherwise deny all. The same holds for requests
    between services.
    """
    origin: ContextVar[tuple[str, bool]] = ContextVar("origin", default=("127.0.0.1", True))
    replace(iam_evaluator, "_request_origin", origin)
    pin = private(iam_evaluator, "pin_request_origin")

    def pinned(source_ip: str, _secure: bool) -> None:  # noqa: FBT001 - ministack's signature
        pin(source_ip, True)

    replace(app, "pin_request_origin", pinned)
    replace(iam_evaluator, "pin_request_origin", pinned)


def _variables() -> None:
    """Ministack takes `${aws:PrincipalTag/team}` literally.

    Policy variables are replaced in documents of the current version only
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
    """
    parse, match = private(iam_evaluator, "parse_policy_document"), private(iam_evaluator, "_first_match")

    def parsed(document: Any) -> list[Any]:
        statements = list(parse(document))
        if "${" in (document if isinstance(document, str) else json.dumps(document)):
            found = json.loads(document) if isinstance(document, str) else document
            for statement in statements:
                statement.variables = found.get("Version") == VERSION
        return statements

    def first_match(context: Any, statements: list[Any], effect: str) -> Any:
        return match(context, [_resolved(statement, context) for statement in statements], effect)

    replace(iam_evaluator, "parse_policy_document", parsed)
    replace(iam_evaluator, "_first_match", first_match)


def _resolved(statement: Any, context: Any) -> Any:
    if not getattr(statement, "variables", False):
        return statement
    return changed(
        statement,
        resources=_filled(statement.resources, context),
        not_resources=_filled(statement.not_resources, context),
        conditions=_filled(statement.conditions, context),
    )


def _filled(value: Any, context: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, context) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, context) for inner in value]
    if not isinstance(value, str):
        return value
    return VARIABLE.sub(lambda found: _value(found, context), value)


def _value(found: re.Match[str], context: Any) -> str:
    known = private(iam_evaluator, "_resolve_condition_key")(found[1].strip(), context)
    if isinstance(known, str):
        return known
    return NEVER if found[2] is None else found[2]
