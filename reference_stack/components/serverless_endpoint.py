"""A serverless endpoint: a model that costs nothing while it is idle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy_documents import allow
from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as Tracking
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as Predefined,
)
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantArgs as Variant
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantServerlessConfigArgs as Serverless

from components.hosting import VARIANT, HostedEndpoint, HostingArgs
from components.scaling import PROVISIONED_CONCURRENCY, scalable_target, target_tracking

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class ServerlessEndpointArgs:
    """Memory and concurrency of the endpoint.

    hosting: what all shapes have, except `vpc_placement`: a serverless endpoint cannot be placed in a VPC. memory_mb:
    1,024 to 6,144 in steps of 1,024. max_concurrency: 1 to 200. provisioned_concurrency: requests that are served
    without a cold start, 0 for none; it is paid for while idle, and scales with the load up to max_concurrency.
    """

    hosting: HostingArgs
    memory_mb: pulumi.Input[int] = 2_048
    max_concurrency: int = 20
    provisioned_concurrency: int = 0


class ServerlessEndpoint(HostedEndpoint):
    """A SageMaker serverless endpoint.

    SageMaker supports neither network isolation nor data capture here, and shifts all traffic at once to a new version:
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    """

    def __init__(self, name: str, args: ServerlessEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ServerlessEndpoint", name, args.hosting, opts)
        self._create_alarms()
        self._alarm(
            "full",
            self._metric("ServerlessConcurrentExecutionsUtilization", "Maximum"),
            0.9,
            "Nearly as many requests at a time as there may be: further ones are turned away",
            periods=5,
        )
        self._create_model(isolated=False)
        endpoint = self._create_endpoint(
            Variant(
                variant_name=VARIANT,
                model_name=self._model.name,
                serverless_config=Serverless(
                    max_concurrency=args.max_concurrency,
                    memory_size_in_mb=args.memory_mb,
                    provisioned_concurrency=args.provisioned_concurrency or None,
                ),
            )
        )
        self.invoke_grants = [allow(["sagemaker:InvokeEndpoint"], [args.hosting.aws_env.endpoint_arn(endpoint.name)])]
        if args.provisioned_concurrency:
            target = scalable_target(
                name,
                endpoint,
                variant=VARIANT,
                dimension=PROVISIONED_CONCURRENCY,
                bounds=(args.provisioned_concurrency, args.max_concurrency),
                tags=args.hosting.alerting.tags,
                parent=self,
            )
            tracking = Tracking(
                predefined_metric_specification=Predefined(
                    predefined_metric_type="SageMakerVariantProvisionedConcurrencyUtilization"
                ),
                target_value=0.7,
                scale_out_cooldown=60,
                scale_in_cooldown=300,
            )
            target_tracking(name, target, tracking, self)
