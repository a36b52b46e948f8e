"""How an endpoint takes on a new version: blue/green, taken back when alarms go off.

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
"""How long the new version is watched while it answers a part of the requests, and the old one is kept after that."""


def blue_green(alarms: Sequence[cloudwatch.MetricAlarm], *, canary: bool) -> sagemaker.EndpointDeploymentConfigArgs:
    """A deployment that is taken back when one of these alarms goes off. canary: whether one instance goes first."""
    routing = (
        Routing(
            type="CANARY",
            wait_interval_in_seconds=BAKE_SECONDS,
            # of at least 2 instances: half is the most that SageMaker takes
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
