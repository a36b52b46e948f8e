"""Blue/green deployments of an endpoint with automatic rollback on alarms.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_aws import sagemaker
from pulumi_aws.sagemaker import EndpointDeploymentConfigBlueGreenUpdatePolicyArgs as BlueGreen
from pulumi_aws.sagemaker import (
    EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs as Routing,
)
from pulumi_aws.sagemaker import (
    EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationCanarySizeArgs as CanarySize,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_aws import cloudwatch

BAKE_SECONDS: Final = 600
"""Baking period of the canary, and how long the old instances stay after the traffic has moved."""


def blue_green(alarms: Sequence[cloudwatch.MetricAlarm], *, canary: bool) -> sagemaker.EndpointDeploymentConfigArgs:
    """A deployment that is rolled back when one of these alarms is raised.

    canary: whether traffic moves to one instance first.
    """
    routing = (
        Routing(
            type="CANARY",
            wait_interval_in_seconds=BAKE_SECONDS,
            # there are at least 2 instances, and SageMaker accepts at most half of the fleet
            canary_size=CanarySize(type="INSTANCE_COUNT", value=1),
        )
        if canary
        else Routing(type="ALL_AT_ONCE", wait_interval_in_seconds=0)
    )
    return sagemaker.EndpointDeploymentConfigArgs(
        blue_green_update_policy=BlueGreen(
            traffic_routing_configuration=routing,
            termination_wait_in_seconds=BAKE_SECONDS,
            maximum_execution_timeout_in_seconds=6 * BAKE_SECONDS,
        ),
        auto_rollback_configuration=sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs(
            alarms=[
                sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs(alarm_name=alarm.name)
                for alarm in alarms
            ]
        ),
    )
