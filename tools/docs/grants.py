"""What the roles of a stack may do, by the documents of their own that the program gives them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from policypack.model import BUCKET, ENDPOINT, HTTP_API_INTEGRATION, QUEUE, ROLE, ROLE_POLICY, TABLE, TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

API: Final = "aws:apigatewayv2/api:Api"
ARN_PARTS: Final = 6
NAMED: Final = {"sqs": QUEUE, "dynamodb": TABLE, "sagemaker": ENDPOINT, "sns": TOPIC}
"""The services whose ARNs end in the name of a resource that is drawn."""


class Grant(NamedTuple):
    """A role may do something to something. target: None for what is no resource that is drawn; to: its ARN."""

    role: Resource
    actions: tuple[str, ...]
    target: Resource | None
    to: str
    statement: dict[str, Any]


def grants_of(stack: Stack) -> Iterator[Grant]:
    """Every pair of a statement and a resource in it, denials too."""
    for policy in stack.of_type(ROLE_POLICY):
        role = stack.linked(policy, "role", ROLE)
        if role is None:
            continue
        for statement in json.loads(policy.get("policy"))["Statement"]:
            for to in _list(statement["Resource"]):
                yield Grant(role, tuple(_list(statement["Action"])), resource_at(stack, to), to, statement)


def users_of(stack: Stack, role: Resource) -> Iterator[Resource]:
    """The resources that work under a role; for an integration of an API, the API."""
    yield from stack.users_of(role)
    for integration in stack.of_type(HTTP_API_INTEGRATION):
        api = stack.linked(integration, "apiId", API)
        if api is not None and stack.linked(integration, "credentialsArn", ROLE) is role:
            yield api


def resource_at(stack: Stack, arn: str) -> Resource | None:
    """The resource of this stack that an ARN is about, or that something inside it is about."""
    service, resource = split(arn)
    if service == "s3":
        name = resource.partition("/")[0]
        return next((bucket for bucket in stack.of_type(BUCKET) if bucket.get("bucket") == name), None)
    return stack.named(arn, NAMED[service]) if service in NAMED else None


def split(arn: str) -> tuple[str, str]:
    """Service and resource of an ARN; nothing and all of it where it is none."""
    parts = arn.split(":", ARN_PARTS - 1)
    return (parts[2], parts[5]) if len(parts) == ARN_PARTS else ("", arn)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
