"""The resources of a program of any size, and what the engine says about them to a policy pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import analyzer_pb2

from benchmarks.workload import serving, wiring
from policypack.model import (
    BUCKET,
    BUCKET_PUBLIC_ACCESS_BLOCK,
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    KEY,
    LOG_GROUP,
    METRIC_ALARM,
    MODEL,
    PERMISSION,
    QUEUE,
    QUEUE_POLICY,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    TABLE,
    TOPIC,
    TOPIC_POLICY,
    TOPIC_SUBSCRIPTION,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    KEY: serving.key,
    ROLE: wiring.role,
    ROLE_POLICY: wiring.role_policy,
    ROLE_POLICY_ATTACHMENT: wiring.attachment,
    BUCKET: serving.bucket,
    BUCKET_PUBLIC_ACCESS_BLOCK: serving.public_access_block,
    QUEUE: wiring.queue,
    QUEUE_POLICY: wiring.queue_policy,
    TABLE: wiring.table,
    LOG_GROUP: serving.log_group,
    FUNCTION: wiring.function,
    PERMISSION: wiring.permission,
    EVENT_SOURCE_MAPPING: wiring.mapping,
    MODEL: serving.model,
    ENDPOINT_CONFIGURATION: serving.endpoint_configuration,
    ENDPOINT: serving.endpoint,
    TOPIC: serving.topic,
    TOPIC_POLICY: serving.topic_policy,
    TOPIC_SUBSCRIPTION: serving.subscription,
    METRIC_ALARM: serving.alarm,
}
"""Type tokens, and the inputs of the resource of each type in service `n`."""

_ARNS: Final = {
    KEY: "kms:{at}:key/{n}",
    ROLE: "iam::{account}:role/worker-{n}",
    QUEUE: "sqs:{at}:jobs-{n}",
    TABLE: "dynamodb:{at}:table/results-{n}",
    FUNCTION: "lambda:{at}:function:worker-{n}",
    TOPIC: "sns:{at}:alarms-{n}",
}


def resources(count: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Type, name and inputs of each of so many resources, service by service."""
    kinds = list(KINDS.items())
    for index in range(count):
        service, place = divmod(index, len(kinds))
        type_, make = kinds[place]
        yield type_, f"{type_.rpartition(':')[2]}-{service:05}", make(f"{service:05}")


def registrations(count: int) -> Iterator[bytes]:
    """What the engine sends while so many resources register: serialized AnalyzeRequests."""
    for type_, name, inputs in resources(count):
        request = analyzer_pb2.AnalyzeRequest(type=type_, name=name, urn=urn(type_, name))
        request.properties.update(inputs)
        yield request.SerializeToString()


def whole(count: int) -> bytes:
    """What the engine sends at the end: all resources with their outputs, a serialized AnalyzeStackRequest."""
    request = analyzer_pb2.AnalyzeStackRequest()
    for type_, name, inputs in resources(count):
        resource = request.resources.add(type=type_, name=name, urn=urn(type_, name))
        resource.properties.update(_outputs(type_, name, inputs))
    return request.SerializeToString()


def urn(type_: str, name: str) -> str:
    """The URN of a resource of the measured stack."""
    return f"urn:pulumi:production::decoupled::{type_}::{name}"


def _outputs(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    outputs = {**inputs, "id": name}
    if "tags" in inputs:
        outputs["tagsAll"] = inputs["tags"]
    if type_ in _ARNS:
        arn = _ARNS[type_].format(at=wiring.AT, account=wiring.ACCOUNT, n=name.rpartition("-")[2])
        outputs["arn"] = f"arn:aws:{arn}"
    return outputs
