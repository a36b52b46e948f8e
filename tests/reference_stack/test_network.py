"""The VPC, its endpoints and its security groups."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from components.network import Network, NetworkArgs

from policypack.testing import program
from tests.reference_stack.component_fixtures import CHINA, HERE, KEY, POLICY, TAGS, granted, only

if TYPE_CHECKING:
    from policypack.model import Resource, Stack

ENDPOINT, GROUP = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/securityGroup:SecurityGroup"
EGRESS, INGRESS = (f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule" for way in ("Egress", "Ingress"))
INTERFACES = {"sqs", "sagemaker.runtime", "logs", "kms"}
REGISTRY = {"ecr.api", "ecr.dkr"}


def network(*, with_model: bool = True) -> Stack:
    """A network in two zones."""
    args = NetworkArgs(
        aws_env=CHINA,
        zones=["cn-north-1a", "cn-north-1b"],
        log_group_name="/aws/vpc/it",
        log_retention_days=30,
        key_arn=KEY,
        cidr="10.1.0.0/22",
        with_model=with_model,
        tags=TAGS,
    )
    return program(lambda: Network("it", args))


def services(stack: Stack, kind: str) -> set[str]:
    """The services with an endpoint of this type."""
    prefix = "com.amazonaws.cn-north-1."
    return {
        each.get("serviceName").removeprefix(prefix)
        for each in stack.of_type(ENDPOINT)
        if each.get("vpcEndpointType") == kind
    }


def test_a_network_has_two_private_subnets_in_two_zones() -> None:
    """Without gateways, routes and public addresses."""
    stack = network()
    subnets = stack.of_type("aws:ec2/subnet:Subnet")
    assert {(subnet.get("availabilityZone"), subnet.get("cidrBlock")) for subnet in subnets} == {
        ("cn-north-1a", "10.1.0.0/24"),
        ("cn-north-1b", "10.1.1.0/24"),
    }
    assert not any(subnet.get("mapPublicIpOnLaunch") for subnet in subnets)
    types = {resource.type for resource in stack.resources}
    assert not types & {f"aws:ec2/{kind}" for kind in ("internetGateway:InternetGateway", "natGateway:NatGateway")}
    assert not types & {"aws:ec2/route:Route", "aws:ec2/eip:Eip"}
    assert len(stack.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")) == 2


@pytest.mark.parametrize("with_model", [True, False])
def test_vpc_endpoints_exist_for_the_services_that_are_used(with_model: bool) -> None:
    """Those of ECR only with a model in the network."""
    stack = network(with_model=with_model)
    assert services(stack, "Gateway") == {"s3", "dynamodb"}
    assert services(stack, "Interface") == INTERFACES | (REGISTRY if with_model else set())
    for each in stack.of_type(ENDPOINT):
        if each.get("vpcEndpointType") == "Interface":
            assert each.get("privateDnsEnabled") is True


def test_endpoint_policies_admit_only_the_own_account() -> None:
    """Roles and resources of the own account; image repositories may be AWS's."""
    for endpoint in network().of_type(ENDPOINT):
        service = endpoint.get("serviceName").rpartition("cn-north-1.")[2]
        first, *rest = json.loads(endpoint.get("policy"))["Statement"]
        pinned = first["Condition"]["StringEquals"]
        assert pinned["aws:PrincipalAccount"] == "210987654321"
        assert ("aws:ResourceAccount" in pinned) == (service not in REGISTRY)
        assert [statement["Action"] for statement in rest] == ([["s3:GetObject"]] if service == "s3" else [])


@pytest.mark.parametrize("with_model", [True, False])
def test_security_groups_allow_only_https_to_the_endpoints(with_model: bool) -> None:
    """And from the clients only: no rule has an address range."""
    stack = network(with_model=with_model)
    who = {"it-function", "it-model"} if with_model else {"it-function"}
    assert {group.name for group in stack.of_type(GROUP)} == who | {"it-endpoints"}
    assert not any(group.has(way) for group in stack.of_type(GROUP) for way in ("ingress", "egress"))
    rules = [*stack.of_type(EGRESS), *stack.of_type(INGRESS)]
    for rule in rules:
        assert (rule.get("ipProtocol"), rule.get("fromPort"), rule.get("toPort")) == ("tcp", 443, 443)
        assert rule.has("referencedSecurityGroupId") != rule.has("prefixListId")
        assert not rule.has("cidrIpv4")
    endpoints = only(stack, GROUP, "it-endpoints")
    assert {_security_group(rule, "securityGroupId") for rule in stack.of_type(INGRESS)} == {endpoints.urn}
    assert endpoints.urn not in {_security_group(rule, "securityGroupId") for rule in stack.of_type(EGRESS)}
    reached = {rule.name for rule in stack.of_type(EGRESS)}
    functions = {"it-function-endpoints", "it-function-s3", "it-function-dynamodb"}
    models = {"it-model-endpoints", "it-model-s3"} if with_model else set()
    assert reached == functions | models


def _security_group(rule: Resource, path: str) -> str:
    (urn,) = rule.property_dependencies[path]
    return urn


def test_the_default_security_group_has_no_rules() -> None:
    """AWS's default would allow all egress."""
    group = only(network(), "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert not group.has("egress")
    assert not group.has("ingress")


def test_flow_logs_have_a_role_that_can_only_write_them() -> None:
    """To one log group."""
    stack = network()
    flows = only(stack, "aws:ec2/flowLog:FlowLog", "it-flow-logs")
    assert flows.get("trafficType") == "ALL"
    logs = f"arn:aws-cn:logs:{HERE}:log-group:/aws/vpc/it:*"
    assert granted(only(stack, POLICY, "it-flow-logs")) == {
        "logs:CreateLogStream": [logs],
        "logs:DescribeLogStreams": [logs],
        "logs:PutLogEvents": [logs],
        "logs:DescribeLogGroups": ["*"],
    }


def test_descriptions_have_only_characters_that_ec2_accepts() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html."""
    stack = network()
    described = [resource for type_ in (GROUP, EGRESS, INGRESS) for resource in stack.of_type(type_)]
    assert len(described) == 10
    for resource in described:
        assert re.fullmatch(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}", resource.get("description")), resource.name
