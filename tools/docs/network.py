"""The network of a stack: who is in it, and which ways its security groups leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model import FUNCTION, MODEL
from tools.docs.graph import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
SUBNET: Final = "aws:ec2/subnet:Subnet"
VPC_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
INSIDE: Final = {FUNCTION: ("Lambda function", "vpcConfig"), MODEL: ("SageMaker model", "vpcConfig")}


def within(stack: Stack) -> list[Node]:
    """Who is in the network, its security groups, and its endpoints."""
    found = [
        Node(user.urn, type_, (user.name, called))
        for type_, (called, path) in INSIDE.items()
        for user in stack.of_type(type_)
        if user.has(path)
    ]
    found += [Node(group.urn, GROUP, (group.name, "security group")) for group in stack.of_type(GROUP)]
    for endpoint in stack.of_type(VPC_ENDPOINT):
        kind = f"{endpoint.get('vpcEndpointType').lower()} endpoint"
        found.append(Node(endpoint.urn, VPC_ENDPOINT, (_service(endpoint), kind)))
    return sorted(found, key=lambda node: ([*INSIDE, GROUP, VPC_ENDPOINT].index(node.type), node.lines))


def ways_of(stack: Stack) -> list[Edge]:
    """Who has which security group, where each lets out to, and which endpoints a group stands before."""
    return sorted({*_members(stack), *_rules(stack)})


def _members(stack: Stack) -> Iterator[Edge]:
    for type_, (_, path) in INSIDE.items():
        for user in stack.of_type(type_):
            for group in _of_type(stack, user, path, GROUP):
                yield Edge(user.urn, group.urn, "has")
    for endpoint in stack.of_type(VPC_ENDPOINT):
        for group in _of_type(stack, endpoint, "securityGroupIds", GROUP):
            yield Edge(group.urn, endpoint.urn, "")


def _rules(stack: Stack) -> Iterator[Edge]:
    """A way from one group to another is open where the one lets out and the other lets in."""
    entering = {
        (source.urn, target.urn)
        for rule in stack.of_type(INGRESS)
        for target in _of_type(stack, rule, "securityGroupId", GROUP)
        for source in _of_type(stack, rule, "referencedSecurityGroupId", GROUP)
    }
    for rule in stack.of_type(EGRESS):
        label = f"{rule.get('ipProtocol')} {rule.get('fromPort')}"
        for source in _of_type(stack, rule, "securityGroupId", GROUP):
            for target in _of_type(stack, rule, "referencedSecurityGroupId", GROUP):
                if (source.urn, target.urn) in entering:
                    yield Edge(source.urn, target.urn, label)
            for gateway in _of_type(stack, rule, "prefixListId", VPC_ENDPOINT):
                yield Edge(source.urn, gateway.urn, label)


def _of_type(stack: Stack, resource: Resource, path: str, type_: str) -> list[Resource]:
    return [other for other in stack.made_from(resource, path) if other.type == type_]


def _service(endpoint: Resource) -> str:
    """Its name in AWS's: `com.amazonaws.REGION.ecr.api`."""
    name: str = endpoint.get("serviceName")
    return name.split(".", 3)[3]
