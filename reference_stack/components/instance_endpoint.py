"""A real-time endpoint on instances that scale with the load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from policy_documents import allow
from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as Tracking
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as Predefined,
)
from pulumi_aws.sagemaker import EndpointConfigurationDataCaptureConfigArgs as Capture
from pulumi_aws.sagemaker import EndpointConfigurationDataCaptureConfigCaptureContentTypeHeaderArgs as ContentTypes
from pulumi_aws.sagemaker import EndpointConfigurationDataCaptureConfigCaptureOptionArgs as CaptureOption
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantArgs as Variant
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantRoutingConfigArgs as Routing

from components.blue_green_deployment import blue_green
from components.hosting import VARIANT, HostedEndpoint, HostingArgs
from components.private_bucket import PrivateBucket, PrivateBucketArgs
from components.scaling import INSTANCES, scalable_target, target_tracking

CAPTURE_PREFIX: Final = "captured/"
CAPTURE_DAYS: Final = 30
MIN_INSTANCES: Final = 2


@dataclass(frozen=True, kw_only=True)
class InstanceEndpointArgs:
    """Instances and data capture of the endpoint.

    hosting: what all shapes have. instance_type: `ml.`...; min_instances: 2 or more, so that one may fail.
    invocations_per_instance: requests per minute and instance above which it scales out. bucket_name: of the bucket to
    create for captured data; capture_percent: of the requests, 1 to 100. force_destroy: whether that bucket may be
    deleted with its objects.

    Raises ValueError for fewer than 2 instances.
    """

    hosting: HostingArgs
    bucket_name: pulumi.Input[str]
    instance_type: str = "ml.c5.large"
    min_instances: pulumi.Input[int] = 2
    max_instances: pulumi.Input[int] = 4
    invocations_per_instance: pulumi.Input[float] = 1_000.0
    capture_percent: pulumi.Input[int] = 20
    force_destroy: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.min_instances, int) and self.min_instances < MIN_INSTANCES:
            raise ValueError(
                f"{self.min_instances} instance does not survive the loss of one: give at least {MIN_INSTANCES}"
            )


class InstanceEndpoint(HostedEndpoint):
    """A real-time endpoint that scales between a minimum and a maximum of instances.

    A new version first receives the traffic of one instance (canary), and is rolled back on alarms. Requests are routed
    to the instance with the fewest outstanding ones. Requests and responses are captured in `bucket`, whose name is
    known at preview. The container has no network access.
    """

    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: InstanceEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("InstanceEndpoint", name, args.hosting, opts)
        hosting, aws_env = args.hosting, args.hosting.aws_env
        bucket = PrivateBucket(
            f"{name}-captured",
            PrivateBucketArgs(
                aws_env=aws_env,
                bucket_name=args.bucket_name,
                key_arn=hosting.key_arn,
                days_by_prefix={CAPTURE_PREFIX: CAPTURE_DAYS},
                force_destroy=args.force_destroy,
                tags=hosting.alerting.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = bucket.name
        alarms = self._create_alarms()
        self._alarm(
            "full",
            self._metric("InvocationsPerInstance", "Sum"),
            args.invocations_per_instance,
            "Instances get more requests than they should, for so long that there can be no more of them",
            periods=15,
        )
        self._create_model(
            [
                allow(["s3:PutObject"], [aws_env.bucket_arn(bucket.name, f"/{CAPTURE_PREFIX}*")]),
                allow(["cloudwatch:DescribeAlarms"], [aws_env.alarm_arn(alarm.name) for alarm in alarms]),
            ],
            writes_via=["s3"],
        )
        endpoint = self._create_endpoint(
            Variant(
                variant_name=VARIANT,
                model_name=self._model.name,
                instance_type=args.instance_type,
                initial_instance_count=args.min_instances,
                routing_configs=[Routing(routing_strategy="LEAST_OUTSTANDING_REQUESTS")],
            ),
            deployment=blue_green(alarms, canary=True),
            depends_on=bucket.configured,
            data_capture_config=Capture(
                enable_capture=True,
                initial_sampling_percentage=args.capture_percent,
                destination_s3_uri=pulumi.Output.concat("s3://", bucket.name, "/", CAPTURE_PREFIX),
                kms_key_id=hosting.key_arn,
                capture_options=[CaptureOption(capture_mode="Input"), CaptureOption(capture_mode="Output")],
                capture_content_type_header=ContentTypes(csv_content_types=["text/csv"]),
            ),
        )
        self.invoke_grants = [allow(["sagemaker:InvokeEndpoint"], [aws_env.endpoint_arn(endpoint.name)])]
        target = scalable_target(
            name,
            endpoint,
            variant=VARIANT,
            dimension=INSTANCES,
            bounds=(args.min_instances, args.max_instances),
            tags=hosting.alerting.tags,
            parent=self,
        )
        tracking = Tracking(
            predefined_metric_specification=Predefined(predefined_metric_type="SageMakerVariantInvocationsPerInstance"),
            target_value=args.invocations_per_instance,
            scale_out_cooldown=60,
            scale_in_cooldown=300,
        )
        target_tracking(name, target, tracking, self)
