"""Application Auto Scaling of an endpoint's variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_aws import appautoscaling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_aws import sagemaker
    from pulumi_aws.appautoscaling import PolicyTargetTrackingScalingPolicyConfigurationArgs as Tracking

INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED_CONCURRENCY: Final = "sagemaker:variant:DesiredProvisionedConcurrency"


def scalable_target(
    name: str,
    endpoint: sagemaker.Endpoint,
    *,
    variant: str,
    dimension: str,
    bounds: tuple[pulumi.Input[int], pulumi.Input[int]],
    tags: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
) -> appautoscaling.Target:
    """Register a dimension of a variant (INSTANCES, PROVISIONED_CONCURRENCY) for scaling between inclusive bounds."""
    return appautoscaling.Target(
        name,
        service_namespace="sagemaker",
        resource_id=pulumi.Output.concat("endpoint/", endpoint.name, "/variant/", variant),
        scalable_dimension=dimension,
        min_capacity=bounds[0],
        max_capacity=bounds[1],
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[endpoint]),
    )


def target_tracking(name: str, target: appautoscaling.Target, tracking: Tracking, parent: pulumi.Resource) -> None:
    """Scale the target so that a metric stays at a value."""
    appautoscaling.Policy(
        name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration=tracking,
        opts=pulumi.ResourceOptions(parent=parent),
    )
