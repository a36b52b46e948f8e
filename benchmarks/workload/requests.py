"""The resources of a program of any size, and what the engine says about them to a policy pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import analyzer_pb2

from benchmarks.workload import serving, wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "aws:kms/key:Key": serving.key,
    "aws:iam/role:Role": wiring.role,
    "aws:iam/rolePolicy:RolePolicy": wiring.role_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": wiring.attachment,
    "aws:s3/bucket:Bucket": serving.bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": serving.public_access_block,
    "aws:sqs/queue:Queue": wiring.queue,
    "aws:sqs/queuePolicy:QueuePolicy": wiring.queue_policy,
    "aws:dynamodb/table:Table": wiring.table,
    "aws:cloudwatch/logGroup:LogGroup": serving.log_group,
    "aws:lambda/function:Function": wiring.function,
    "aws:lambda/permission:Permission": wiring.permission,
    "aws:lambda/eventSourceMapping:EventSourceMapping": wiring.mapping,
    "aws:sagemaker/model:Model": serving.model,
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": serving.endpoint_configuration,
    "aws:sagemaker/endpoint:Endpoint": serving.endpoint,
    "aws:sns/topic:Topic": serving.topic,
    "aws:sns/topicPolicy:TopicPolicy": serving.topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": serving.subscription,
    "aws:cloudwatch/metricAlarm:MetricAlarm": serving.alarm,
}
"""Type tokens, and the inputs of the resource of each type in service `n`."""

_ARNS: Final = {
    "aws:kms/key:Key": "kms:{at}:key/{n}",
    "aws:iam/role:Role": "iam::{account}:role/worker-{n}",
    "aws:sqs/queue:Queue": "sqs:{at}:jobs-{n}",
    "aws:dynamodb/table:Table": "dynamodb:{at}:table/results-{n}",
    "aws:lambda/function:Function": "lambda:{at}:function:worker-{n}",
    "aws:sns/topic:Topic": "sns:{at}:alarms-{n}",
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
