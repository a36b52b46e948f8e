"""Stacks of many roles, each in a shape that could make one rule look at every other role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from policypack.model import (
    BUCKET,
    BUCKET_NOTIFICATION,
    ENDPOINT,
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    KEY,
    LOG_GROUP,
    POLICY,
    QUEUE,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    TABLE,
    Resource,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT: Final = "123456789012"
_CONSUME: Final = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


def arn(service: str, tail: str) -> str:
    """An ARN of the account."""
    region = "" if service in {"iam", "s3"} else "eu-west-1"
    return f"arn:aws:{service}:{region}:{'' if service == 's3' else ACCOUNT}:{tail}"


def urn(type_: str, name: str) -> str:
    """The URN of a resource."""
    return f"urn:pulumi:dev::app::{type_}::{name}"


def document(*statements: tuple[Any, Any]) -> str:
    """A document that allows actions on resources."""
    allowed = [{"Effect": "Allow", "Action": actions, "Resource": targets} for actions, targets in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


def made(type_: str, name: str, values: dict[str, Any], **dependencies: list[str]) -> Resource:
    """A resource with its dependencies."""
    return Resource(urn(type_, name), type_, name, {"id": name, **values}, property_dependencies=dependencies)


def role(name: str, principal: dict[str, str] | None = None) -> Resource:
    """A role of Lambda's, or of another principal."""
    trust = {
        "Effect": "Allow",
        "Principal": principal or {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return made(ROLE, name, {"name": name, "arn": arn("iam", f"role/{name}"), "path": "/", "assumeRolePolicy": policy})


def held(name: str, *statements: tuple[Any, Any], by: str = "") -> Resource:
    """A policy of a role's."""
    values = {"name": name, "role": by or name, "policy": document(*statements)}
    return made(ROLE_POLICY, name, values, role=[urn(ROLE, by or name)])


def function(name: str, by: str = "", **variables: str) -> Resource:
    """A function under the role of its name, or another."""
    values = {
        "name": name,
        "arn": arn("lambda", f"function:{name}"),
        "role": arn("iam", f"role/{by or name}"),
        "tracingConfig": {"mode": "Active"},
        "environment": {"variables": variables},
    }
    return made(FUNCTION, name, values, role=[urn(ROLE, by or name)])


def table(name: str, **more: Any) -> Resource:
    """A table."""
    return made(TABLE, name, {"name": name, "arn": arn("dynamodb", f"table/{name}"), **more})


def queue(name: str, **more: Any) -> Resource:
    """A queue."""
    return made(QUEUE, name, {"name": name, "arn": arn("sqs", name), "url": f"https://sqs/{name}", **more})


def mapping(name: str, source: str) -> Resource:
    """A mapping from a queue to the function of this name."""
    values = {"eventSourceArn": arn("sqs", source), "functionName": arn("lambda", f"function:{name}")}
    dependencies = {"eventSourceArn": [urn(QUEUE, source)], "functionName": [urn(FUNCTION, name)]}
    return made(EVENT_SOURCE_MAPPING, name, values, **dependencies)


def workers(count: int) -> Iterator[Resource]:
    """Each with a queue, a table, an endpoint and a log group of its own, and one key for all."""
    key = arn("kms", "key/k1")
    yield made(KEY, "key", {"keyId": "k1", "arn": key})
    for number in range(count):
        name = f"worker-{number:04}"
        yield queue(name, kmsMasterKeyId=key)
        yield table(name, serverSideEncryption={"enabled": True, "kmsKeyArn": key})
        yield made(ENDPOINT, name, {"name": name, "arn": arn("sagemaker", f"endpoint/{name}")})
        yield made(
            LOG_GROUP, name, {"name": f"/aws/lambda/{name}", "arn": arn("logs", f"log-group:/aws/lambda/{name}")}
        )
        yield role(name)
        yield held(name, *grants(name))
        yield function(name, TABLE=name, ENDPOINT=name)
        yield mapping(name, name)


def grants(name: str) -> list[tuple[Any, Any]]:
    """What such a worker needs."""
    return [
        (_CONSUME, arn("sqs", name)),
        ("sagemaker:InvokeEndpoint", arn("sagemaker", f"endpoint/{name}")),
        (["dynamodb:PutItem", "dynamodb:GetItem"], arn("dynamodb", f"table/{name}")),
        ("kms:Decrypt", arn("kms", "key/k1")),
        (["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", f"log-group:/aws/lambda/{name}:*")),
        (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
    ]


def prefixes(count: int) -> Iterator[Resource]:
    """Patterns that every table matches."""
    for number in range(count):
        name = f"app-{number:04}"
        yield table(name)
        yield role(name)
        yield held(
            name, ("dynamodb:PutItem", arn("dynamodb", f"table/app-*{number}")), ("sqs:SendMessage", arn("sqs", "a*"))
        )
        yield function(name, TABLE=name)


def chain(count: int) -> Iterator[Resource]:
    """Each role may assume the next."""
    for number in range(count):
        name = f"r{number:04}"
        yield role(name, {"AWS": arn("iam", "root")})
        yield held(name, ("sts:AssumeRole", arn("iam", f"role/r{(number + 1) % count:04}")))


def one_policy(count: int) -> Iterator[Resource]:
    """All have the same managed policy."""
    targets = [arn("dynamodb", f"table/t{number}") for number in range(20)]
    policy = document(("dynamodb:PutItem", targets))
    yield made(POLICY, "shared", {"name": "shared", "arn": arn("iam", "policy/shared"), "policy": policy})
    for number in range(count):
        name = f"r{number:04}"
        yield role(name)
        yield function(name)
        yield made(ROLE_POLICY_ATTACHMENT, name, {"role": name, "policyArn": arn("iam", "policy/shared")})


def one_queue(count: int) -> Iterator[Resource]:
    """All read from one queue."""
    yield queue("work")
    for number in range(count):
        name = f"r{number:04}"
        yield role(name)
        yield held(name, (_CONSUME, arn("sqs", "work")))
        yield function(name)
        yield mapping(name, "work")


def one_role(count: int) -> Iterator[Resource]:
    """All functions work under one role, which has a policy for each."""
    yield role("one")
    for number in range(count):
        name = f"f{number:04}"
        yield table(name)
        yield held(name, ("dynamodb:PutItem", arn("dynamodb", f"table/{name}")), by="one")
        yield function(name, "one", TABLE=name)


def one_bucket(count: int) -> Iterator[Resource]:
    """One bucket tells all queues of its objects."""
    names = [f"r{number:04}" for number in range(count)]
    yield made(BUCKET, "data", {"bucket": "data", "arn": "arn:aws:s3:::data"})
    for name in names:
        yield queue(name)
        yield role(name)
        yield held(name, (_CONSUME, arn("sqs", name)), ("s3:GetObject", "arn:aws:s3:::data/*"))
        yield function(name)
        yield mapping(name, name)
    told = {"bucket": "data", "queues": [{"queueArn": arn("sqs", name)} for name in names]}
    yield made(
        BUCKET_NOTIFICATION, "tells", told, bucket=[urn(BUCKET, "data")], queues=[urn(QUEUE, name) for name in names]
    )


SHAPES: Final = (workers, prefixes, chain, one_policy, one_queue, one_role, one_bucket)
