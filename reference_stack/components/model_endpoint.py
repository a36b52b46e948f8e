"""The model, and the endpoint that answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import allow, document, trust
from pulumi_aws import cloudwatch, iam, sagemaker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from documents import Statement
    from place import Place

VARIANT: Final = "main"


@dataclass(frozen=True, kw_only=True)
class ModelEndpointArgs:
    """What answers, and on what.

    endpoint_name: the endpoint's, in small letters, digits and hyphens. image: of the container, by digest, in ECR.
    artefact: `s3://` address of the model's archive; None where the image holds the model. instance_type: `ml.`...;
    instances: at least 2, so that one may fail. key_arn: of the key.
    """

    place: Place
    endpoint_name: pulumi.Input[str]
    image: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    tags: Mapping[str, pulumi.Input[str]]
    artefact: pulumi.Input[str] | None = None
    instance_type: pulumi.Input[str] = "ml.c5.large"
    instances: pulumi.Input[int] = 2


class ModelEndpoint(pulumi.ComponentResource):
    """A SageMaker endpoint on instances, with a role and a log group of its own. Its container has no network.

    `endpoint_name`, `role_name` and `log_group_name` are known at preview; the ARNs once they exist.
    """

    endpoint_name: pulumi.Output[str]
    endpoint_arn: pulumi.Output[str]
    configuration_arn: pulumi.Output[str]
    model_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]

    def __init__(self, name: str, args: ModelEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:model:ModelEndpoint", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        logs = cloudwatch.LogGroup(
            name,
            name=log_group_of(args.endpoint_name),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=child,
        )
        role = iam.Role(name, assume_role_policy=_trust(args.place), tags=args.tags, opts=child)
        policy = iam.RolePolicy(name, role=role.name, policy=_policy(args, logs.name), opts=child)
        model = sagemaker.Model(
            name,
            execution_role_arn=role.arn,
            primary_container=sagemaker.ModelPrimaryContainerArgs(image=args.image, model_data_url=args.artefact),
            enable_network_isolation=True,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        configuration = sagemaker.EndpointConfiguration(
            name,
            production_variants=[
                sagemaker.EndpointConfigurationProductionVariantArgs(
                    variant_name=VARIANT,
                    model_name=model.name,
                    instance_type=args.instance_type,
                    initial_instance_count=args.instances,
                    routing_configs=[
                        sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs(
                            routing_strategy="LEAST_OUTSTANDING_REQUESTS"
                        )
                    ],
                )
            ],
            kms_key_arn=args.key_arn,
            tags=args.tags,
            opts=child,
        )
        endpoint = sagemaker.Endpoint(
            name,
            name=args.endpoint_name,
            endpoint_config_name=configuration.name,
            tags=args.tags,
            # SageMaker makes the log group itself, without key and end, where it finds none
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs]),
        )
        self.endpoint_name, self.endpoint_arn = endpoint.name, endpoint.arn
        self.configuration_arn, self.model_arn = configuration.arn, model.arn
        self.role_name, self.role_arn = role.name, role.arn
        self.log_group_name, self.log_group_arn = logs.name, logs.arn
        self.register_outputs(
            {
                "endpoint_name": self.endpoint_name,
                "endpoint_arn": self.endpoint_arn,
                "configuration_arn": self.configuration_arn,
                "model_arn": self.model_arn,
                "role_name": self.role_name,
                "role_arn": self.role_arn,
                "log_group_name": self.log_group_name,
                "log_group_arn": self.log_group_arn,
            }
        )


def log_group_of(endpoint_name: pulumi.Input[str]) -> pulumi.Output[str]:
    """The name that SageMaker expects of the log group of an endpoint."""
    return pulumi.Output.concat("/aws/sagemaker/Endpoints/", endpoint_name)


def _trust(place: Place) -> pulumi.Output[str]:
    """Let SageMaker take on the role for this account and region. The ARN of one model or endpoint would break it.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    return trust(
        "sagemaker",
        {
            "StringEquals": {"aws:SourceAccount": place.account},
            "ArnLike": {"aws:SourceArn": place.arn("sagemaker", "*")},
        },
    )


def _policy(args: ModelEndpointArgs, log_group: pulumi.Input[str]) -> pulumi.Output[str]:
    """Fetch one image and one artefact, and write one log.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
    """
    place = args.place
    statements: list[Statement] = [
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [pulumi.Output.from_input(args.image).apply(lambda image: _repository(place, image))],
        ),
        allow(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [place.log_streams(log_group)],
        ),
        allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], ["*"]),  # neither has a resource to name
    ]
    if args.artefact is not None:
        location = pulumi.Output.from_input(args.artefact).apply(lambda url: url.removeprefix("s3://"))
        statements.append(allow(["s3:GetObject"], [pulumi.Output.concat(f"arn:{place.partition}:s3:::", location)]))
    return document(*statements)


def _repository(place: Place, image: str) -> str:
    """The ARN of the ECR repository of an image: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:...`."""
    registry, _, path = image.partition("/")
    account, _, _, region, *_ = registry.split(".")
    return f"arn:{place.partition}:ecr:{region}:{account}:repository/{path.partition('@')[0]}"
