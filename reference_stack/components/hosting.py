"""What endpoints of every shape have: role, log group, model, and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi_aws import cloudwatch, iam, sagemaker

from components.alarms import Alerting, Metric, alarm_above
from components.hosting_role import hosting_policy, hosting_trust
from components.instance_store import has_instance_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_environment import AwsEnvironment
    from policy_documents import Statement

    from components.network import VpcPlacement

VARIANT: Final = "main"
MAX_FAILED_PER_MINUTE: Final = 5
"""Failed requests per minute above which an alarm is raised; the worker retries them."""


@dataclass(frozen=True, kw_only=True)
class HostingArgs:
    """The model and its endpoint.

    endpoint_name: lower-case letters, digits and hyphens. image: ECR image with digest. artefact: `s3://` URL of the
    model's archive; None if the image contains the model. key_alias (with `alias/`), key_arn: of the key. slow_ms: the
    p99 model latency in milliseconds above which an alarm is raised. vpc_placement: None for no VPC.
    """

    aws_env: AwsEnvironment
    endpoint_name: pulumi.Input[str]
    image: pulumi.Input[str]
    key_alias: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    alerting: Alerting
    artefact: pulumi.Input[str] | None = None
    slow_ms: pulumi.Input[float] = 1_000.0
    vpc_placement: VpcPlacement | None = None


class HostedEndpoint(pulumi.ComponentResource):
    """Base class of the endpoints; each shape is a subclass.

    `endpoint_name`, `role_name` and `log_group_name` are known at preview; the ARNs once they exist. `invoke_grants`:
    the statements that a role needs to invoke the endpoint.
    """

    endpoint_name: pulumi.Output[str]
    endpoint_arn: pulumi.Output[str]
    configuration_arn: pulumi.Output[str]
    model_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]
    invoke_grants: Sequence[Statement]

    def __init__(self, kind: str, name: str, args: HostingArgs, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"decoupled:model:{kind}", name, None, opts)
        self._logical, self._args = name, args

    def _create_model(
        self, grants: Sequence[Statement] = (), *, writes_via: Sequence[str] = (), isolated: bool = True
    ) -> None:
        """Create role, log group and model. grants, writes_via: what the shape needs in addition."""
        name, args = self._logical, self._args
        child, tags = pulumi.ResourceOptions(parent=self), args.alerting.tags
        self._logs = cloudwatch.LogGroup(
            name,
            name=log_group_of(args.endpoint_name),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        role = iam.Role(name, assume_role_policy=hosting_trust(args.aws_env), tags=tags, opts=child)
        policy = iam.RolePolicy(
            name, role=role.name, policy=hosting_policy(args, self._logs.name, grants, writes_via), opts=child
        )
        self._model = sagemaker.Model(
            name,
            execution_role_arn=role.arn,
            primary_container=sagemaker.ModelPrimaryContainerArgs(image=args.image, model_data_url=args.artefact),
            enable_network_isolation=isolated or None,
            vpc_config=_vpc_config(args.vpc_placement),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.model_arn = self._model.arn
        self.role_name, self.role_arn = role.name, role.arn
        self.log_group_name, self.log_group_arn = self._logs.name, self._logs.arn

    def _create_endpoint(
        self,
        variant: sagemaker.EndpointConfigurationProductionVariantArgs,
        deployment: sagemaker.EndpointDeploymentConfigArgs | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
        **configured: Any,
    ) -> sagemaker.Endpoint:
        """Create the endpoint configuration and the endpoint. configured: further arguments of the configuration."""
        tags, instance_type = self._args.alerting.tags, variant.instance_type
        own_storage = isinstance(instance_type, str) and has_instance_store(instance_type)
        configuration = sagemaker.EndpointConfiguration(
            self._logical,
            production_variants=[variant],
            kms_key_arn=None if own_storage else self._args.key_arn,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(depends_on)),
            **configured,
        )
        endpoint = sagemaker.Endpoint(
            self._logical,
            name=self._args.endpoint_name,
            endpoint_config_name=configuration.name,
            deployment_config=deployment,
            tags=tags,
            # if the log group is missing, SageMaker creates it without encryption and retention
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._logs]),
        )
        self.configuration_arn = configuration.arn
        self.endpoint_name = endpoint.name
        names = pulumi.Output.all(endpoint.name, endpoint.endpoint_config_name, configuration.name)
        checked = names.apply(lambda known: _check_rollback(*known))
        self.endpoint_arn = pulumi.Output.all(endpoint.arn, checked).apply(lambda known: str(known[0]))
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
        return endpoint

    def _metric(self, name: str, statistic: str, *, variant: bool = True, period: int = 60) -> Metric:
        """A metric of the endpoint, or of its variant."""
        dimensions = {"EndpointName": self._args.endpoint_name} | ({"VariantName": VARIANT} if variant else {})
        return Metric(namespace="AWS/SageMaker", name=name, dimensions=dimensions, statistic=statistic, period=period)

    def _alarm(
        self, name: str, metric: Metric, threshold: pulumi.Input[float], description: str, *, periods: int = 1
    ) -> cloudwatch.MetricAlarm:
        logical = f"{self._logical}-{name}"
        return alarm_above(
            logical,
            metric,
            threshold,
            description=description,
            alerting=self._args.alerting,
            parent=self,
            periods=periods,
        )

    def _create_alarms(self) -> list[cloudwatch.MetricAlarm]:
        """Create alarms on rejected, failed and slow requests. Return those that roll a deployment back."""
        microseconds = pulumi.Output.from_input(self._args.slow_ms).apply(lambda slow: slow * 1_000)
        self._alarm(
            "refuses",
            self._metric("Invocation4XXErrors", "Sum"),
            MAX_FAILED_PER_MINUTE,
            "The model refuses what the worker asks",
        )
        return [
            self._alarm("fails", self._metric("Invocation5XXErrors", "Sum"), MAX_FAILED_PER_MINUTE, "The model fails"),
            self._alarm("slow", self._metric("ModelLatency", "p99"), microseconds, "The model is slow", periods=5),
        ]


def _check_rollback(endpoint: str, serves: str, should: str) -> None:
    """Raise RunError if an endpoint serves another configuration than the deployed one.

    A deployment that SageMaker rolled back ends as a success in the provider, which would then delete the configuration
    that is in use: https://github.com/hashicorp/terraform-provider-aws/issues/48997
    """
    if serves != should:
        raise pulumi.RunError(
            f"endpoint {endpoint} was rolled back to {serves}: the new version failed or raised an alarm\n"
            "       that configuration is kept; deploy a version that works, or the previous one"
        )


def log_group_of(endpoint_name: pulumi.Input[str]) -> pulumi.Output[str]:
    """The name of the log group to which SageMaker writes an endpoint's logs."""
    return pulumi.Output.concat("/aws/sagemaker/Endpoints/", endpoint_name)


def _vpc_config(vpc_placement: VpcPlacement | None) -> sagemaker.ModelVpcConfigArgs | None:
    if vpc_placement is None:
        return None
    return sagemaker.ModelVpcConfigArgs(
        subnets=list(vpc_placement.subnets), security_group_ids=[vpc_placement.security_group]
    )
