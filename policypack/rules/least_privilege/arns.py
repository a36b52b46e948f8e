"""The ARNs of what a stack makes, from names alone: they are known before anything exists."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.model import (
    ENDPOINT,
    FUNCTION,
    KEY,
    LOG_GROUP,
    QUEUE,
    ROLE,
    STREAM,
    TABLE,
    TOPIC,
    is_secret,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.model import Resource, Stack

_SHAPES: Final[dict[str, tuple[str, ...]]] = {
    QUEUE: ("sqs:{region}:{account}:{name}",),
    TABLE: ("dynamodb:{region}:{account}:table/{name}",),
    FUNCTION: ("lambda:{region}:{account}:function:{name}",),
    TOPIC: ("sns:{region}:{account}:{name}",),
    STREAM: ("kinesis:{region}:{account}:stream/{name}",),
    LOG_GROUP: ("logs:{region}:{account}:log-group:{name}:*",),
    ENDPOINT: ("sagemaker:{region}:{account}:endpoint/{name}",),
    ROLE: ("iam::{account}:role{path}{name}",),
    KEY: ("kms:{region}:{account}:key/{name}",),
    "aws:s3/bucket:Bucket": ("s3:::{name}", "s3:::{name}/*"),
    "aws:s3/bucketV2:BucketV2": ("s3:::{name}", "s3:::{name}/*"),
    "aws:secretsmanager/secret:Secret": ("secretsmanager:{region}:{account}:secret:{name}-??????",),
    "aws:ssm/parameter:Parameter": ("ssm:{region}:{account}:parameter/{name}",),
    "aws:sfn/stateMachine:StateMachine": ("states:{region}:{account}:stateMachine:{name}",),
    "aws:cloudwatch/eventBus:EventBus": ("events:{region}:{account}:event-bus/{name}",),
    "aws:ecr/repository:Repository": ("ecr:{region}:{account}:repository/{name}",),
}
"""ARNs by Pulumi type, as policies name them (Service Authorization Reference, "Resource types")."""
_NAMES: Final = {KEY: "keyId", "aws:s3/bucket:Bucket": "bucket", "aws:s3/bucketV2:BucketV2": "bucket"}
_ARN: Final = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d)?:(\d{12}):")
_STRINGS: Final = 20_000
"""Strings of a stack that are searched for its account and region: enough for any, and a bound for a huge one."""


class Surroundings(msgspec.Struct, frozen=True):
    """Where a stack is, as far as it says so itself; else a word to replace."""

    partition: str = "aws"
    region: str = "REGION"
    account: str = "ACCOUNT"


class Named(msgspec.Struct, frozen=True, eq=False):
    """One resource of the stack, and the ARNs by which policies name it."""

    resource: Resource
    arns: tuple[str, ...]


def surroundings(stack: Stack) -> Surroundings:
    """The partition, region and account that most of the stack's ARNs have."""
    return stack.once(_surroundings)


def named(stack: Stack) -> tuple[Named, ...]:
    """All resources of the stack whose ARNs their names tell."""
    return stack.once(_named)


def _named(stack: Stack) -> tuple[Named, ...]:
    where = surroundings(stack)
    found = (Named(resource, tuple(_arns(resource, where))) for resource in stack.of_type(*_SHAPES))
    return tuple(one for one in found if one.arns)


def _arns(resource: Resource, where: Surroundings) -> Iterator[str]:
    name = resource.get(_NAMES.get(resource.type, "name"))
    if not isinstance(name, str) or is_secret(name) or not name:
        return
    if resource.type == ENDPOINT:
        name = name.lower()  # as SageMaker writes it
    path = resource.get("path", "/")
    for shape in _SHAPES[resource.type]:
        filled = shape.format(
            region=where.region,
            account=where.account,
            name=name.lstrip("/") if "parameter/" in shape else name,
            path=path if isinstance(path, str) and not is_secret(path) else "/",
        )
        yield f"arn:{where.partition}:{filled}"


def _surroundings(stack: Stack) -> Surroundings:
    partitions: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    accounts: Counter[str] = Counter()
    for resource in stack.resources:
        region = resource.get("region")
        if isinstance(region, str) and not is_secret(region):
            regions[region] += 1
    budget = _STRINGS
    for text in _strings(resource.value for resource in stack.resources):
        budget -= 1
        if budget < 0:
            break
        for partition, region, account in _ARN.findall(text):
            partitions[partition] += 1
            accounts[account] += 1
            if region:
                regions[region] += 1
    return Surroundings(
        _most(partitions, "aws"),
        _most(regions, "REGION"),
        _most(accounts, "ACCOUNT"),
    )


def _strings(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            if "arn:" in value and ":layer:" not in value and not is_secret(value):  # layers are other people's
                yield value
        elif isinstance(value, dict):
            yield from _strings(value.values())
        elif isinstance(value, list):
            yield from _strings(value)


def _most(found: Counter[str], otherwise: str) -> str:
    """The one that is found most; none where two are found equally often."""
    ranked = found.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return otherwise
    return ranked[0][0]
