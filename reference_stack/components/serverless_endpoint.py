"""A model that runs while it is asked, and costs nothing while it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from documents import allow
from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as Tracking
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as Predefined,
)
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantArgs as Variant
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantServerlessConfigArgs as Serverless

from components.hosting import VARIANT, Hosted, HostingArgs
from components.scaling import WARM, scalable, track

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class ServerlessEndpointArgs:
    """How much of it may run.

    hosting: what all shapes have; `inside` is not among it, as a serverless endpoint has no place in a network.
    memory_mb: 1,024 to 6,144 in steps of 1,024. most_concurrency: requests at a time at most, 1 to 200.
    warm: requests at a time that are answered without a start, at least; 0 for none. They are paid for while idle, and
    grow with the load up to most_concurrency.
    """

    hosting: HostingArgs
    memory_mb: pulumi.Input[int] = 2_048
    most_concurrency: int = 20
    warm: int = 0


class ServerlessEndpoint(Hosted):
    """An endpoint whose capacity SageMaker brings by the request.

    SageMaker offers neither network isolation nor data capture here, and shifts to a new version all at once:
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    """

    def __init__(self, name: str, args: ServerlessEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ServerlessEndpoint", name, args.hosting, opts)
        self._watch()
        self._alarm(
            "full",
            self._metric("ServerlessConcurrentExecutionsUtilization", "Maximum"),
            0.9,
            "Nearly as many requests at a time as there may be: further ones are turned away",
            periods=5,
        )
        self._host(isolated=False)
        endpoint = self._serve(
            Variant(
                variant_name=VARIANT,
                model_name=self._model.name,
                serverless_config=Serverless(
                    max_concurrency=args.most_concurrency,
                    memory_size_in_mb=args.memory_mb,
                    provisioned_concurrency=args.warm or None,
                ),
            )
        )
        self.ask = [allow(["sagemaker:InvokeEndpoint"], [args.hosting.place.endpoint(endpoint.name)])]
        if args.warm:
            target = scalable(
                name,
                endpoint,
                variant=VARIANT,
                dimension=WARM,
                bounds=(args.warm, args.most_concurrency),
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
            track(name, target, tracking, self)
