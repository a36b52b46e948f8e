"""The VPC endpoints for the AWS services that are used inside the network, and their security groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import Statement, allow, document
from pulumi_aws import ec2, vpc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_environment import AwsEnvironment

HTTPS: Final = 443
GATEWAY_SERVICES: Final = ("s3", "dynamodb")
INTERFACE_SERVICES: Final = ("sqs", "sagemaker.runtime", "logs", "kms")
REGISTRY_SERVICES: Final = ("ecr.api", "ecr.dkr")
"""Only needed with a model in the network: SageMaker pulls its image through the network."""


@dataclass(frozen=True, kw_only=True)
class VpcEndpointsArgs:
    """vpc_id, subnets, route_table: ids. with_model: whether a model runs in the network."""

    aws_env: AwsEnvironment
    vpc_id: pulumi.Input[str]
    subnets: Sequence[pulumi.Input[str]]
    route_table: pulumi.Input[str]
    with_model: bool
    tags: Mapping[str, pulumi.Input[str]]


class VpcEndpoints(pulumi.ComponentResource):
    """Gateway endpoints, interface endpoints, and the security groups of their clients.

    Each endpoint policy admits only this account's roles and resources. The security groups of the clients allow only
    HTTPS to the endpoints. `function_group`, `model_group`: ids of security groups.

    The component's type keeps its first name: another type would replace every resource of a deployed stack.
    """

    function_group: pulumi.Output[str]
    model_group: pulumi.Output[str]

    def __init__(self, name: str, args: VpcEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:network:Doors", name, None, opts)
        self._name, self._args = name, args
        gateways = {service: self._gateway(service) for service in GATEWAY_SERVICES}
        endpoints = self._security_group("endpoints", "The interface endpoints: HTTPS from inside")
        for service in (*INTERFACE_SERVICES, *(REGISTRY_SERVICES if args.with_model else ())):
            self._interface(service, endpoints.id)
        function = self._security_group("function", "The functions: HTTPS to the endpoints")
        groups = {"function": function}
        if args.with_model:
            groups["model"] = self._security_group("model", "Instances of the model: HTTPS to the endpoints")
        for who, group in groups.items():
            self._ingress_rule(who, endpoints.id, group.id)
            self._egress_rule(f"{who}-endpoints", group.id, {"referenced_security_group_id": endpoints.id})
            for service in GATEWAY_SERVICES if who == "function" else ("s3",):
                self._egress_rule(f"{who}-{service}", group.id, {"prefix_list_id": gateways[service].prefix_list_id})
        self.function_group = function.id
        self.model_group = groups.get("model", function).id
        self.register_outputs({"function_group": self.function_group, "model_group": self.model_group})

    def _gateway(self, service: str) -> ec2.VpcEndpoint:
        aws_env = self._args.aws_env
        statements = [_own_account_only(aws_env)]
        if service == "s3" and self._args.with_model:  # AWS's bucket for the image layers of ECR
            layers = f"arn:{aws_env.partition}:s3:::prod-{aws_env.region}-starport-layer-bucket/*"
            statements.append(allow(["s3:GetObject"], [layers]) | {"Principal": "*"})
        return ec2.VpcEndpoint(
            f"{self._name}-{service}",
            vpc_id=self._args.vpc_id,
            service_name=f"com.amazonaws.{aws_env.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=[self._args.route_table],
            policy=document(*statements),
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _interface(self, service: str, group: pulumi.Input[str]) -> None:
        aws_env = self._args.aws_env
        ec2.VpcEndpoint(
            f"{self._name}-{service.replace('.', '-')}",
            vpc_id=self._args.vpc_id,
            service_name=f"com.amazonaws.{aws_env.region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=list(self._args.subnets),
            security_group_ids=[group],
            private_dns_enabled=True,
            policy=document(_image_pulls(aws_env) if service in REGISTRY_SERVICES else _own_account_only(aws_env)),
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _security_group(self, who: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            f"{self._name}-{who}",
            description=description,
            vpc_id=self._args.vpc_id,
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _ingress_rule(self, who: str, group: pulumi.Input[str], source: pulumi.Input[str]) -> None:
        vpc.SecurityGroupIngressRule(
            f"{self._name}-endpoints-{who}",
            security_group_id=group,
            referenced_security_group_id=source,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            description=f"From the {who}",
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _egress_rule(self, what: str, group: pulumi.Input[str], to: Mapping[str, pulumi.Input[str]]) -> None:
        vpc.SecurityGroupEgressRule(
            f"{self._name}-{what}",
            security_group_id=group,
            referenced_security_group_id=to.get("referenced_security_group_id"),
            prefix_list_id=to.get("prefix_list_id"),
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            description=f"To {what.partition('-')[2]}",
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _own_account_only(aws_env: AwsEnvironment) -> Statement:
    """Allow any action, by principals of this account on resources of this account: prevents data exfiltration."""
    condition = {"StringEquals": {"aws:PrincipalAccount": aws_env.account, "aws:ResourceAccount": aws_env.account}}
    return allow(["*"], ["*"], condition) | {"Principal": "*"}


def _image_pulls(aws_env: AwsEnvironment) -> Statement:
    """Allow image pulls, also from repositories of other accounts: SageMaker's own images are AWS's."""
    actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
    ]
    condition = {"StringEquals": {"aws:PrincipalAccount": aws_env.account}}
    return allow(actions, ["*"], condition) | {"Principal": "*"}
