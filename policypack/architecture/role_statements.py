"""The statements of inline role policies, each with the stage of the stack that its resource ARN refers to.

Only inline policies (aws.iam.RolePolicy) are read, as the graph of the architecture needs no more for now;
`policypack.access.role_grants` evaluates all policies of a role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from policypack.architecture.json_properties import json_property
from policypack.model import BUCKET, ENDPOINT, HTTP_API, HTTP_API_INTEGRATION, QUEUE, ROLE, ROLE_POLICY, TABLE, TOPIC
from policypack.model.arn import parse_arn
from policypack.model.services import ARN_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

_NAMED_BY_ARN: Final = {ARN_FORMATS[type_].service: type_ for type_ in (QUEUE, TABLE, ENDPOINT, TOPIC)}
"""The services whose ARNs contain the name of a stage, and the type of that stage."""


class RoleStatement(NamedTuple):
    """The actions of one policy statement on one resource ARN, or pattern of ARNs.

    target: the stage that the ARN refers to; None if it refers to no stage. statement: the whole statement, with its
    effect and conditions.
    """

    role: Resource
    actions: tuple[str, ...]
    arn: str
    target: Resource | None
    statement: dict[str, Any]


def role_statements(stack: Stack) -> Iterator[RoleStatement]:
    """Every pair of a statement and one of its resources, Deny statements included.

    Raises `Undecided` for a policy document that is not known yet.
    """
    for policy in stack.of_type(ROLE_POLICY):
        role = stack.linked(policy, "role", ROLE)
        if role is None:
            continue
        for statement in _list(json_property(policy, "policy").get("Statement", [])):
            actions = tuple(_list(statement.get("Action", [])))
            for arn in _list(statement.get("Resource", [])):
                yield RoleStatement(role, actions, arn, stage_at(stack, arn), statement)


def role_users(stack: Stack, role: Resource) -> Iterator[Resource]:
    """The resources that act with a role; for an integration of an HTTP API this is the API."""
    yield from stack.resources_with_role(role)
    for integration in stack.of_type(HTTP_API_INTEGRATION):
        api = stack.linked(integration, "apiId", HTTP_API)
        if api is not None and stack.linked(integration, "credentialsArn", ROLE) is role:
            yield api


def stage_at(stack: Stack, arn: str) -> Resource | None:
    """The queue, table, endpoint, topic or bucket of this stack that an ARN refers to, or contains the object of."""
    parsed = parse_arn(arn)
    if parsed is None:
        return None
    if parsed.service == "s3":
        name = parsed.resource.partition("/")[0]
        return next((bucket for bucket in stack.of_type(BUCKET) if bucket.get("bucket") == name), None)
    return stack.find(arn, _NAMED_BY_ARN[parsed.service]) if parsed.service in _NAMED_BY_ARN else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
