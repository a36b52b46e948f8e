"""A VPC without access to the internet."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_aws import ec2

from components.flow_logs import FlowLogs, FlowLogsArgs
from components.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_environment import AwsEnvironment

ZONES: Final = 2


@dataclass(frozen=True, kw_only=True)
class VpcPlacement:
    """The subnets and the security group of a workload's network interfaces (ids)."""

    subnets: Sequence[pulumi.Output[str]]
    security_group: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Location and size of the network.

    zones: names of two Availability Zones. cidr: of the VPC, /16 to /26; each zone gets a quarter of it, one half stays
    free. with_model: whether a model runs in it, whose image is pulled through the network. log_group_name: of the log
    group of the flow logs. key_arn: of the key.
    """

    aws_env: AwsEnvironment
    zones: Sequence[str]
    log_group_name: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    cidr: str = "10.0.0.0/22"
    with_model: bool = True


class Network(pulumi.ComponentResource):
    """Two private subnets in two Availability Zones, and VPC endpoints for the AWS services that are used inside.

    There is no internet gateway and no NAT gateway. `function` and `model`: where a function and a model are placed.
    """

    vpc_id: pulumi.Output[str]
    function: VpcPlacement
    model: VpcPlacement
    flow_logs: FlowLogs

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:network:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vpc = ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # private DNS of the interface endpoints needs both
            tags={**args.tags, "Name": name},
            opts=child,
        )
        # AWS creates a default group with open egress and ingress among its members; adopting it removes all rules
        ec2.DefaultSecurityGroup(name, vpc_id=vpc.id, tags=args.tags, opts=child)
        self.flow_logs = FlowLogs(
            name,
            FlowLogsArgs(
                aws_env=args.aws_env,
                vpc_id=vpc.id,
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                key_arn=args.key_arn,
                tags=args.tags,
            ),
            child,
        )
        routes = ec2.RouteTable(name, vpc_id=vpc.id, tags={**args.tags, "Name": name}, opts=child)
        subnets = []
        for at, (zone, block) in enumerate(zip(args.zones, _blocks(args.cidr), strict=True)):
            subnet = ec2.Subnet(
                f"{name}-{at}",
                vpc_id=vpc.id,
                cidr_block=block,
                availability_zone=zone,
                map_public_ip_on_launch=False,
                tags={**args.tags, "Name": f"{name}-{zone}"},
                opts=child,
            )
            ec2.RouteTableAssociation(f"{name}-{at}", subnet_id=subnet.id, route_table_id=routes.id, opts=child)
            subnets.append(subnet.id)
        endpoints = VpcEndpoints(
            name,
            VpcEndpointsArgs(
                aws_env=args.aws_env,
                vpc_id=vpc.id,
                subnets=subnets,
                route_table=routes.id,
                with_model=args.with_model,
                tags=args.tags,
            ),
            child,
        )
        self.vpc_id = vpc.id
        self.function = VpcPlacement(subnets=subnets, security_group=endpoints.function_group)
        self.model = VpcPlacement(subnets=subnets, security_group=endpoints.model_group)
        self.register_outputs({"vpc_id": self.vpc_id})


def _blocks(cidr: str) -> list[str]:
    """The first quarters of the CIDR block, one per zone."""
    return [str(block) for block in list(IPv4Network(cidr).subnets(prefixlen_diff=2))[:ZONES]]
