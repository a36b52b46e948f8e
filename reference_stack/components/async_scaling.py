"""Application Auto Scaling of an asynchronous endpoint by its backlog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import appautoscaling, cloudwatch
from pulumi_aws.appautoscaling import PolicyStepScalingPolicyConfigurationArgs as Steps
from pulumi_aws.appautoscaling import PolicyStepScalingPolicyConfigurationStepAdjustmentArgs as Step
from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as Tracking
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs as Customized,
)
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensionArgs as Dimension,
)

from components.scaling import INSTANCES, scalable_target, target_tracking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_aws import sagemaker


def scale_with_backlog(
    name: str,
    endpoint: sagemaker.Endpoint,
    *,
    variant: str,
    max_instances: pulumi.Input[int],
    backlog_per_instance: pulumi.Input[float],
    tags: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
) -> None:
    """Scale from 0 to `max_instances` by the backlog per instance; start the first one as soon as a batch waits.

    Without instances the backlog per instance is not published, hence the second policy:
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
    """
    target = scalable_target(
        name, endpoint, variant=variant, dimension=INSTANCES, bounds=(0, max_instances), tags=tags, parent=parent
    )
    tracking = Tracking(
        customized_metric_specification=Customized(
            namespace="AWS/SageMaker",
            metric_name="ApproximateBacklogSizePerInstance",
            dimensions=[Dimension(name="EndpointName", value=endpoint.name)],
            statistic="Average",
        ),
        target_value=backlog_per_instance,
        scale_out_cooldown=300,
        scale_in_cooldown=600,
    )
    target_tracking(name, target, tracking, parent)
    first = appautoscaling.Policy(
        f"{name}-first",
        policy_type="StepScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        step_scaling_policy_configuration=Steps(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type="Average",
            cooldown=300,
            step_adjustments=[Step(metric_interval_lower_bound="0", scaling_adjustment=1)],
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    cloudwatch.MetricAlarm(
        f"{name}-first",
        alarm_description="Batches wait and no instance is there: the first one is started",
        namespace="AWS/SageMaker",
        metric_name="HasBacklogWithoutCapacity",
        dimensions={"EndpointName": endpoint.name},
        statistic="Average",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1.0,
        period=60,
        evaluation_periods=2,
        treat_missing_data="notBreaching",
        alarm_actions=[first.arn],
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
