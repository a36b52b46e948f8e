"""The network of a stack: workloads, security groups, VPC endpoints, and the traffic that is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.architecture.integrations import Integration
from policypack.model import (
    FUNCTION,
    MODEL,
    SECURITY_GROUP,
    SECURITY_GROUP_EGRESS_RULE,
    SECURITY_GROUP_INGRESS_RULE,
    VPC_ENDPOINT,
)
from tools.docs.boxes import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

WORKLOADS: Final = {FUNCTION: ("Lambda function", "vpcConfig"), MODEL: ("SageMaker model", "vpcConfig")}


def network_boxes(stack: Stack) -> list[Box]:
    """The workloads in the network, its security groups, and its VPC endpoints."""
    found = [
        Box(user.urn, type_, (user.name, called))
        for type_, (called, path) in WORKLOADS.items()
        for user in stack.of_type(type_)
        if user.has(path)
    ]
    found += [Box(group.urn, SECURITY_GROUP, (group.name, "security group")) for group in stack.of_type(SECURITY_GROUP)]
    for endpoint in stack.of_type(VPC_ENDPOINT):
        kind = f"{endpoint.get('vpcEndpointType').lower()} endpoint"
        found.append(Box(endpoint.urn, VPC_ENDPOINT, (_service(endpoint), kind)))
    return sorted(found, key=lambda box: ([*WORKLOADS, SECURITY_GROUP, VPC_ENDPOINT].index(box.type), box.lines))


def network_paths(stack: Stack) -> list[Integration]:
    """The security groups of workloads and VPC endpoints, and the traffic allowed between them."""
    return sorted({*_members(stack), *_rules(stack)})


def _members(stack: Stack) -> Iterator[Integration]:
    for type_, (_, path) in WORKLOADS.items():
        for user in stack.of_type(type_):
            for group in _of_type(stack, user, path, SECURITY_GROUP):
                yield Integration(user.urn, group.urn, "security group")
    for endpoint in stack.of_type(VPC_ENDPOINT):
        for group in _of_type(stack, endpoint, "securityGroupIds", SECURITY_GROUP):
            yield Integration(group.urn, endpoint.urn, "")


def _rules(stack: Stack) -> Iterator[Integration]:
    """Traffic from one group to another needs an egress rule of the first and an ingress rule of the second."""
    ingress = {
        (source.urn, target.urn)
        for rule in stack.of_type(SECURITY_GROUP_INGRESS_RULE)
        for target in _of_type(stack, rule, "securityGroupId", SECURITY_GROUP)
        for source in _of_type(stack, rule, "referencedSecurityGroupId", SECURITY_GROUP)
    }
    for rule in stack.of_type(SECURITY_GROUP_EGRESS_RULE):
        label = f"{rule.get('ipProtocol')} {rule.get('fromPort')}"
        for source in _of_type(stack, rule, "securityGroupId", SECURITY_GROUP):
            for target in _of_type(stack, rule, "referencedSecurityGroupId", SECURITY_GROUP):
                if (source.urn, target.urn) in ingress:
                    yield Integration(source.urn, target.urn, label)
            for gateway in _of_type(stack, rule, "prefixListId", VPC_ENDPOINT):
                yield Integration(source.urn, gateway.urn, label)


def _of_type(stack: Stack, resource: Resource, path: str, type_: str) -> list[Resource]:
    return [other for other in stack.dependencies_of(resource, path) if other.type == type_]


def _service(endpoint: Resource) -> str:
    """The service in the name of a VPC endpoint service: `com.amazonaws.REGION.ecr.api`."""
    name: str = endpoint.get("serviceName")
    return name.split(".", 3)[3]
