"""A private network with ways to AWS's services, and the log of its traffic."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Network:
    """What of it others use."""

    subnets: list[aws.ec2.Subnet]
    group: aws.ec2.SecurityGroup


def network(owner: Mapping[str, str], role: aws.iam.Role, *, changed: bool) -> Network:
    """Make it. role: writes the log."""
    vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags=owner)
    aws.ec2.DefaultSecurityGroup("net", vpc_id=vpc.id, tags=owner)
    zones = aws.get_availability_zones(state="available").names
    table = aws.ec2.RouteTable("net", vpc_id=vpc.id, tags=owner)
    other = aws.ec2.RouteTable("other", vpc_id=vpc.id)
    subnets = [
        aws.ec2.Subnet(
            f"net-{index}",
            vpc_id=vpc.id,
            cidr_block=f"10.0.{index}.0/24",
            availability_zone=zone,
            map_public_ip_on_launch=changed and index == 1,
            tags=owner,
        )
        for index, zone in enumerate(zones[:2])
    ]
    for index, subnet in enumerate(subnets):
        followed = other if changed and index == 1 else table
        aws.ec2.RouteTableAssociation(f"net-{index}", subnet_id=subnet.id, route_table_id=followed.id)
    group = aws.ec2.SecurityGroup("worker", description="the worker", vpc_id=vpc.id, tags=owner)
    endpoints = aws.ec2.SecurityGroup("endpoints", vpc_id=vpc.id)
    gateway = aws.ec2.VpcEndpoint(
        "s3",
        vpc_id=vpc.id,
        service_name="com.amazonaws.eu-west-1.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id, other.id] if changed else [table.id],
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
            }
        ),
        tags=owner,
    )
    aws.ec2.VpcEndpoint(
        "sqs",
        vpc_id=vpc.id,
        service_name="com.amazonaws.eu-west-1.sqs",
        vpc_endpoint_type="Interface",
        subnet_ids=[subnet.id for subnet in subnets],
        security_group_ids=[endpoints.id],
        private_dns_enabled=True,
        tags=owner,
    )
    aws.vpc.SecurityGroupIngressRule(
        "endpoints",
        security_group_id=endpoints.id,
        referenced_security_group_id=group.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        description="anybody with the group" if changed else "the worker",
        tags=owner,
    )
    aws.vpc.SecurityGroupEgressRule(
        "endpoints",
        security_group_id=group.id,
        referenced_security_group_id=endpoints.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        tags=owner,
    )
    aws.vpc.SecurityGroupEgressRule(
        "s3",
        security_group_id=group.id,
        prefix_list_id=gateway.prefix_list_id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
    )
    flows = aws.cloudwatch.LogGroup("flows", retention_in_days=7)
    aws.ec2.FlowLog(
        "net",
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination=flows.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=60,
        tags=owner,
        opts=pulumi.ResourceOptions(depends_on=[vpc]),
    )
    return Network(subnets, group)
