"""Scalable targets and policies of an endpoint keep what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import eventually

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def test_an_endpoint_scales(cloud: Cloud) -> None:
    """Target and policy are read back, tagged, changed and taken away."""
    scaling, name = cloud("application-autoscaling"), cloud.endpoint()
    where = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    arn = scaling.register_scalable_target(**where, MinCapacity=2, MaxCapacity=4, Tags={"owner": "me"})[
        "ScalableTargetARN"
    ]
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"owner": "me"}
    scaling.register_scalable_target(**where, MinCapacity=2, MaxCapacity=8)
    scaling.tag_resource(ResourceARN=arn, Tags={"stage": "dev"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["owner"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"stage": "dev"}
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[where["ResourceId"]])
    target = found["ScalableTargets"][0]
    assert (target["MinCapacity"], target["MaxCapacity"], target["ScalableTargetARN"]) == (2, 8, arn)

    tracking = {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 60,
    }
    put = {"PolicyName": "track", "PolicyType": "TargetTrackingScaling", **where}
    policy = scaling.put_scaling_policy(**put, TargetTrackingScalingPolicyConfiguration=tracking)["PolicyARN"]
    known = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", PolicyNames=["track"])["ScalingPolicies"]
    mine = [one for one in known if one["ResourceId"] == where["ResourceId"]]
    assert [one["PolicyARN"] for one in mine] == [policy]
    assert mine[0]["TargetTrackingScalingPolicyConfiguration"] == tracking
    scaling.delete_scaling_policy(PolicyName="track", **where)
    scaling.deregister_scalable_target(**where)
    gone = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[where["ResourceId"]])
    assert gone["ScalableTargets"] == []


def test_a_variant_that_scales_keeps_its_instances(cloud: Cloud) -> None:
    """Until nothing scales it: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html."""
    name, client, scaling = cloud.endpoint(), cloud("sagemaker"), cloud("application-autoscaling")
    (variant,) = client.describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"]
    for config, change in (
        ("larger", {"InstanceType": "ml.m5.xlarge"}),
        ("renamed", {"VariantName": "other"}),
    ):
        client.create_endpoint_config(EndpointConfigName=f"{name}-{config}", ProductionVariants=[variant | change])
    where = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**where, MinCapacity=2, MaxCapacity=4)
    for config in ("larger", "renamed"):
        with pytest.raises(ClientError, match="Deregister it from Application Auto Scaling first"):
            client.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-{config}")
    scaling.deregister_scalable_target(**where)
    client.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-larger")
    serving(cloud, name, f"{name}-larger")
    scaling.register_scalable_target(**where, MinCapacity=2, MaxCapacity=4)
    client.create_endpoint_config(
        EndpointConfigName=f"{name}-most",
        ProductionVariants=[variant | {"InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 4}],
    )
    client.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-most")
    serving(cloud, name, f"{name}-most")


def serving(cloud: Cloud, name: str, config: str) -> None:
    """Wait until an endpoint serves by this configuration."""

    def shown() -> tuple[str, str]:
        found = cloud("sagemaker").describe_endpoint(EndpointName=name)
        return found["EndpointStatus"], found["EndpointConfigName"]

    eventually(lambda: shown() == ("InService", config))
