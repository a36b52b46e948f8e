"""What every endpoint has: a role and a log group of its own, a model, and the alarms that every shape has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi_aws import cloudwatch, iam, sagemaker

from components.alarms import Alerting, Metric, raise_above
from components.hosting_role import hosting_policy, hosting_trust
from components.local_storage import has_local_storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents import Statement
    from place import Place

    from components.network import Inside

VARIANT: Final = "main"
FAILED: Final = 5
"""Requests that fail in a minute before somebody is told: the worker makes them again."""


@dataclass(frozen=True, kw_only=True)
class HostingArgs:
    """What answers, and under which name.

    endpoint_name: the endpoint's, in small letters, digits and hyphens. image: of the container, by digest, in ECR.
    artefact: `s3://` address of the model's archive; None where the image holds the model. key_alias (with `alias/`),
    key_arn: of the key. slow_ms: how long 99 of 100 answers may take, in milliseconds. inside: where in a network
    the model runs; None for outside of any.
    """

    place: Place
    endpoint_name: pulumi.Input[str]
    image: pulumi.Input[str]
    key_alias: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    alerting: Alerting
    artefact: pulumi.Input[str] | None = None
    slow_ms: pulumi.Input[float] = 1_000.0
    inside: Inside | None = None


class Hosted(pulumi.ComponentResource):
    """A SageMaker endpoint of one of the shapes, each a subclass. Not made by itself.

    `endpoint_name`, `role_name` and `log_group_name` are known at preview; the ARNs once they exist. `ask` are the
    statements that a role needs to use the endpoint.
    """

    endpoint_name: pulumi.Output[str]
    endpoint_arn: pulumi.Output[str]
    configuration_arn: pulumi.Output[str]
    model_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]
    ask: Sequence[Statement]

    def __init__(self, kind: str, name: str, args: HostingArgs, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"decoupled:model:{kind}", name, None, opts)
        self._logical, self._args = name, args

    def _host(self, grants: Sequence[Statement] = (), *, writes_via: Sequence[str] = (), isolated: bool = True) -> None:
        """Make role, log group and model. grants, writes_via: what the shape needs beyond what all need."""
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
        role = iam.Role(name, assume_role_policy=hosting_trust(args.place), tags=tags, opts=child)
        policy = iam.RolePolicy(
            name, role=role.name, policy=hosting_policy(args, self._logs.name, grants, writes_via), opts=child
        )
        self._model = sagemaker.Model(
            name,
            execution_role_arn=role.arn,
            primary_container=sagemaker.ModelPrimaryContainerArgs(image=args.image, model_data_url=args.artefact),
            enable_network_isolation=isolated or None,
            vpc_config=_within(args.inside),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.model_arn = self._model.arn
        self.role_name, self.role_arn = role.name, role.arn
        self.log_group_name, self.log_group_arn = self._logs.name, self._logs.arn

    def _serve(
        self,
        variant: sagemaker.EndpointConfigurationProductionVariantArgs,
        deployment: sagemaker.EndpointDeploymentConfigArgs | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
        **configured: Any,
    ) -> sagemaker.Endpoint:
        """Make the configuration and the endpoint. configured: further arguments of the configuration."""
        tags, instance_type = self._args.alerting.tags, variant.instance_type
        own_storage = isinstance(instance_type, str) and has_local_storage(instance_type)
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
            # SageMaker makes the log group itself, without key and end, where it finds none
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._logs]),
        )
        self.configuration_arn = configuration.arn
        self.endpoint_name = endpoint.name
        names = pulumi.Output.all(endpoint.name, endpoint.endpoint_config_name, configuration.name)
        checked = names.apply(lambda known: _taken_on(*known))
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
        self, name: str, metric: Metric, threshold: pulumi.Input[float], says: str, *, periods: int = 1
    ) -> cloudwatch.MetricAlarm:
        logical = f"{self._logical}-{name}"
        return raise_above(
            logical, metric, threshold, says=says, alerting=self._args.alerting, parent=self, periods=periods
        )

    def _watch(self) -> list[cloudwatch.MetricAlarm]:
        """Raise alarms on refused, failed and slow answers. Those returned tell that a deployment went wrong."""
        microseconds = pulumi.Output.from_input(self._args.slow_ms).apply(lambda slow: slow * 1_000)
        self._alarm(
            "refuses", self._metric("Invocation4XXErrors", "Sum"), FAILED, "The model refuses what the worker asks"
        )
        return [
            self._alarm("fails", self._metric("Invocation5XXErrors", "Sum"), FAILED, "The model fails"),
            self._alarm("slow", self._metric("ModelLatency", "p99"), microseconds, "The model is slow", periods=5),
        ]


def _taken_on(endpoint: str, serves: str, should: str) -> None:
    """Raise RunError where an endpoint does not serve what it should, and so keep from deletion what it does serve.

    A deployment that SageMaker took back ends as one that succeeded, and what was replaced by it would be deleted:
    https://github.com/hashicorp/terraform-provider-aws/issues/48997
    """
    if serves != should:
        raise pulumi.RunError(
            f"endpoint {endpoint} went back to {serves}: the new version failed or raised an alarm\n"
            "       what it went back to is kept; deploy a version that works, or what was deployed before"
        )


def log_group_of(endpoint_name: pulumi.Input[str]) -> pulumi.Output[str]:
    """The name that SageMaker expects of the log group of an endpoint."""
    return pulumi.Output.concat("/aws/sagemaker/Endpoints/", endpoint_name)


def _within(inside: Inside | None) -> sagemaker.ModelVpcConfigArgs | None:
    if inside is None:
        return None
    return sagemaker.ModelVpcConfigArgs(subnets=list(inside.subnets), security_group_ids=[inside.security_group])
