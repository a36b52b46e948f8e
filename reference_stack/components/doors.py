"""The ways out of the network: to AWS services by their endpoints, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import Statement, allow, document
from pulumi_aws import ec2, vpc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from place import Place

HTTPS: Final = 443
GATEWAYS: Final = ("s3", "dynamodb")
INTERFACES: Final = ("sqs", "sagemaker.runtime", "logs", "kms")
REGISTRY: Final = ("ecr.api", "ecr.dkr")
"""Only a model in the network needs these: SageMaker fetches its image through it."""


@dataclass(frozen=True, kw_only=True)
class DoorsArgs:
    """vpc_id, subnets, route_table: ids of the network and its parts. with_model: whether a model is inside."""

    place: Place
    vpc_id: pulumi.Input[str]
    subnets: Sequence[pulumi.Input[str]]
    route_table: pulumi.Input[str]
    with_model: bool
    tags: Mapping[str, pulumi.Input[str]]


class Doors(pulumi.ComponentResource):
    """Gateway endpoints, interface endpoints, and the security groups of those who use them.

    Every endpoint serves this account's own roles on this account's own resources. A security group lets out only to
    the endpoints, by HTTPS; none lets anything in but the endpoints' own. `function_group`, `model_group`: their ids.
    """

    function_group: pulumi.Output[str]
    model_group: pulumi.Output[str]

    def __init__(self, name: str, args: DoorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:network:Doors", name, None, opts)
        self._name, self._args = name, args
        gateways = {service: self._gateway(service) for service in GATEWAYS}
        endpoints = self._group("endpoints", "The interface endpoints: HTTPS from inside")
        for service in (*INTERFACES, *(REGISTRY if args.with_model else ())):
            self._interface(service, endpoints.id)
        function = self._group("function", "The functions: HTTPS to the endpoints")
        groups = {"function": function}
        if args.with_model:
            groups["model"] = self._group("model", "Instances of the model: HTTPS to the endpoints")
        for who, group in groups.items():
            self._let_in(who, endpoints.id, group.id)
            self._let_out(f"{who}-endpoints", group.id, {"referenced_security_group_id": endpoints.id})
            for service in GATEWAYS if who == "function" else ("s3",):
                self._let_out(f"{who}-{service}", group.id, {"prefix_list_id": gateways[service].prefix_list_id})
        self.function_group = function.id
        self.model_group = groups.get("model", function).id
        self.register_outputs({"function_group": self.function_group, "model_group": self.model_group})

    def _gateway(self, service: str) -> ec2.VpcEndpoint:
        place = self._args.place
        statements = [_ours(place)]
        if service == "s3" and self._args.with_model:  # where ECR keeps the layers of images, for everybody
            layers = f"arn:{place.partition}:s3:::prod-{place.region}-starport-layer-bucket/*"
            statements.append(allow(["s3:GetObject"], [layers]) | {"Principal": "*"})
        return ec2.VpcEndpoint(
            f"{self._name}-{service}",
            vpc_id=self._args.vpc_id,
            service_name=f"com.amazonaws.{place.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=[self._args.route_table],
            policy=document(*statements),
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _interface(self, service: str, group: pulumi.Input[str]) -> None:
        place = self._args.place
        ec2.VpcEndpoint(
            f"{self._name}-{service.replace('.', '-')}",
            vpc_id=self._args.vpc_id,
            service_name=f"com.amazonaws.{place.region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=list(self._args.subnets),
            security_group_ids=[group],
            private_dns_enabled=True,
            policy=document(_pulls(place) if service in REGISTRY else _ours(place)),
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _group(self, who: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            f"{self._name}-{who}",
            description=description,
            vpc_id=self._args.vpc_id,
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _let_in(self, who: str, group: pulumi.Input[str], source: pulumi.Input[str]) -> None:
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

    def _let_out(self, what: str, group: pulumi.Input[str], to: Mapping[str, pulumi.Input[str]]) -> None:
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


def _ours(place: Place) -> Statement:
    """Whatever the account's roles may do, on the account's own resources: nothing can be carried to another's."""
    condition = {"StringEquals": {"aws:PrincipalAccount": place.account, "aws:ResourceAccount": place.account}}
    return allow(["*"], ["*"], condition) | {"Principal": "*"}


def _pulls(place: Place) -> Statement:
    """Fetch images, which may be another account's: SageMaker's own are AWS's."""
    actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
    ]
    condition = {"StringEquals": {"aws:PrincipalAccount": place.account}}
    return allow(actions, ["*"], condition) | {"Principal": "*"}
