"""The EC2 actions that services need for the network interfaces of a workload inside a VPC."""

from __future__ import annotations

from typing import Final

CREATE_INTERFACE: Final = "ec2:CreateNetworkInterface"
"""What every service asks for that puts a workload into a VPC."""

LAMBDA_ACTIONS: Final = (CREATE_INTERFACE, "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
"""What Lambda asks for before it takes a function inside a VPC; newer pages list more. Lambda developer guide, "Giving
Lambda functions access to resources in an Amazon VPC"."""

SAGEMAKER_ACTIONS: Final = (
    CREATE_INTERFACE,
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcs",
)
"""What SageMaker asks for before it takes a model inside a VPC. SageMaker AI developer guide, "CreateModel API:
Execution role permissions"."""

DOCUMENTED_ON_ALL_RESOURCES: Final = frozenset(
    (
        CREATE_INTERFACE,
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
        "ec2:UnassignPrivateIpAddresses",
    )
)
"""The actions that could be limited to resources, and that both pages grant on `*` all the same."""
