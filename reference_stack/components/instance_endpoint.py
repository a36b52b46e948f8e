"""A model that always runs, on instances whose number follows the load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from documents import allow
from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as Tracking
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as Predefined,
)
from pulumi_aws.sagemaker import EndpointConfigurationDataCaptureConfigArgs as Capture
from pulumi_aws.sagemaker import EndpointConfigurationDataCaptureConfigCaptureContentTypeHeaderArgs as ContentTypes
from pulumi_aws.sagemaker import EndpointConfigurationDataCaptureConfigCaptureOptionArgs as CaptureOption
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantArgs as Variant
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantRoutingConfigArgs as Routing

from components.deployment import blue_green
from components.hosting import VARIANT, Hosted, HostingArgs
from components.private_bucket import PrivateBucket, PrivateBucketArgs
from components.scaling import INSTANCES, scalable, track

CAPTURED: Final = "captured/"
CAPTURED_DAYS: Final = 30
LEAST: Final = 2


@dataclass(frozen=True, kw_only=True)
class InstanceEndpointArgs:
    """On what the model runs.

    hosting: what all shapes have. instance_type: `ml.`...; least: instances at least, 2 or more, so that one may fail;
    most: instances at most. invocations_per_instance: requests a minute that one instance should get, above which more
    are started. bucket_name: of the bucket that is made for what went in and out; capture_percent: of the requests,
    1 to 100. disposable: whether that bucket may be destroyed with what is in it.

    Raises ValueError for fewer than 2 instances.
    """

    hosting: HostingArgs
    bucket_name: pulumi.Input[str]
    instance_type: str = "ml.c5.large"
    least: pulumi.Input[int] = 2
    most: pulumi.Input[int] = 4
    invocations_per_instance: pulumi.Input[float] = 1_000.0
    capture_percent: pulumi.Input[int] = 20
    disposable: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.least, int) and self.least < LEAST:
            raise ValueError(f"{self.least} instance does not survive the loss of one: give at least {LEAST}")


class InstanceEndpoint(Hosted):
    """An endpoint on instances: never fewer than it takes, never more than may be paid for.

    A new version gets one instance's share of the requests first, and is taken back when alarms go off. Requests go
    to the instance with the fewest in flight. Requests and answers are captured, in `bucket`,
    whose name is known at preview. The container has no network.
    """

    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: InstanceEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("InstanceEndpoint", name, args.hosting, opts)
        hosting, place = args.hosting, args.hosting.place
        bucket = PrivateBucket(
            f"{name}-captured",
            PrivateBucketArgs(
                place=place,
                bucket_name=args.bucket_name,
                key_arn=hosting.key_arn,
                days_by_prefix={CAPTURED: CAPTURED_DAYS},
                disposable=args.disposable,
                tags=hosting.alerting.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = bucket.name
        alarms = self._watch()
        self._alarm(
            "full",
            self._metric("InvocationsPerInstance", "Sum"),
            args.invocations_per_instance,
            "Instances get more requests than they should, for so long that there can be no more of them",
            periods=15,
        )
        self._host(
            [
                allow(["s3:PutObject"], [place.bucket(bucket.name, f"/{CAPTURED}*")]),
                allow(["cloudwatch:DescribeAlarms"], [place.alarm(alarm.name) for alarm in alarms]),
            ],
            writes_via=["s3"],
        )
        endpoint = self._serve(
            Variant(
                variant_name=VARIANT,
                model_name=self._model.name,
                instance_type=args.instance_type,
                initial_instance_count=args.least,
                routing_configs=[Routing(routing_strategy="LEAST_OUTSTANDING_REQUESTS")],
            ),
            deployment=blue_green(alarms, canary=True),
            depends_on=bucket.settled,
            data_capture_config=Capture(
                enable_capture=True,
                initial_sampling_percentage=args.capture_percent,
                destination_s3_uri=pulumi.Output.concat("s3://", bucket.name, "/", CAPTURED),
                kms_key_id=hosting.key_arn,
                capture_options=[CaptureOption(capture_mode="Input"), CaptureOption(capture_mode="Output")],
                capture_content_type_header=ContentTypes(csv_content_types=["text/csv"]),
            ),
        )
        self.ask = [allow(["sagemaker:InvokeEndpoint"], [place.endpoint(endpoint.name)])]
        target = scalable(
            name,
            endpoint,
            variant=VARIANT,
            dimension=INSTANCES,
            bounds=(args.least, args.most),
            tags=hosting.alerting.tags,
            parent=self,
        )
        tracking = Tracking(
            predefined_metric_specification=Predefined(predefined_metric_type="SageMakerVariantInvocationsPerInstance"),
            target_value=args.invocations_per_instance,
            scale_out_cooldown=60,
            scale_in_cooldown=300,
        )
        track(name, target, tracking, self)
