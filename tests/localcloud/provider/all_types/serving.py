"""A model behind endpoints of every shape, and what scales them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
from iam_documents import document, trust  # type: ignore[import-not-found] # beside this file where the engine runs it

if TYPE_CHECKING:
    from collections.abc import Mapping

Variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs


def model(
    owner: Mapping[str, str], bucket: aws.s3.Bucket, key: aws.kms.Key, policy: aws.iam.Policy
) -> aws.sagemaker.Model:
    """Make the model, its artefact and its role. key: the bucket's."""
    role = aws.iam.Role(
        "model",
        assume_role_policy=trust("sagemaker.amazonaws.com"),
        inline_policies=[
            aws.iam.RoleInlinePolicyArgs(
                name="artefact", policy=document("s3:GetObject", pulumi.Output.concat(bucket.arn, "/*"))
            ),
            aws.iam.RoleInlinePolicyArgs(name="key", policy=document("kms:Decrypt", key.arn)),
        ],
        managed_policy_arns=[policy.arn],
    )
    artefact = aws.s3.BucketObjectv2(
        "model.json", bucket=bucket.bucket, source=pulumi.StringAsset(json.dumps(owner)), tags=owner
    )
    return aws.sagemaker.Model(
        "model",
        execution_role_arn=role.arn,
        primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
            image=aws.sagemaker.get_prebuilt_ecr_image(
                repository_name="sagemaker-xgboost", image_tag="1.7-1"
            ).registry_path,
            model_data_url=pulumi.Output.concat("s3://", bucket.bucket, "/", artefact.key),
            environment={"MODE": "fast"},
        ),
        enable_network_isolation=True,
        tags=owner,
    )


def instances(
    owner: Mapping[str, str], served: aws.sagemaker.Model, alarm: aws.cloudwatch.MetricAlarm, *, changed: bool
) -> None:
    """Make the endpoint on instances, and its scaling."""
    configuration = aws.sagemaker.EndpointConfiguration(
        "model",
        name_prefix="model-",
        production_variants=[
            Variant(
                variant_name="all",
                model_name=served.name,
                initial_instance_count=3 if changed else 2,
                instance_type="ml.m5.large",
                routing_configs=[
                    aws.sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs(
                        routing_strategy="LEAST_OUTSTANDING_REQUESTS"
                    )
                ],
            )
        ],
        tags=owner,
    )
    endpoint = aws.sagemaker.Endpoint(
        "model",
        endpoint_config_name=configuration.name,
        deployment_config=aws.sagemaker.EndpointDeploymentConfigArgs(
            blue_green_update_policy=aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs(
                traffic_routing_configuration=(
                    aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs(
                        type="ALL_AT_ONCE", wait_interval_in_seconds=0
                    )
                )
            ),
            auto_rollback_configuration=aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs(
                alarms=[aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs(alarm_name=alarm.name)]
            ),
        ),
        tags=owner,
    )
    place = _scalable("model", endpoint, "DesiredInstanceCount", 2, 8 if changed else 4)
    aws.appautoscaling.Policy(
        "model",
        **place,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration=(
            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=200 if changed else 100,
                predefined_metric_specification=(
                    aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type="SageMakerVariantInvocationsPerInstance"
                    )
                ),
                scale_in_cooldown=300,
                scale_out_cooldown=60,
            )
        ),
    )


def serverless(owner: Mapping[str, str], served: aws.sagemaker.Model, *, changed: bool) -> None:
    """Make the serverless endpoint, with provisioned concurrency that scales."""
    small = aws.sagemaker.Model(
        "small",
        execution_role_arn=served.execution_role_arn,
        primary_container=aws.sagemaker.ModelPrimaryContainerArgs(image=served.primary_container.image),
    )
    configuration = aws.sagemaker.EndpointConfiguration(
        "serverless",
        production_variants=[
            Variant(
                variant_name="all",
                model_name=small.name,
                serverless_config=aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
                    max_concurrency=10 if changed else 5, memory_size_in_mb=2048, provisioned_concurrency=1
                ),
            )
        ],
    )
    endpoint = aws.sagemaker.Endpoint("serverless", endpoint_config_name=configuration.name, tags=owner)
    place = _scalable("serverless", endpoint, "DesiredProvisionedConcurrency", 1, 3 if changed else 2)
    aws.appautoscaling.Policy(
        "serverless",
        **place,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration=(
            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=0.8 if changed else 0.7,
                predefined_metric_specification=(
                    aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type="SageMakerVariantProvisionedConcurrencyUtilization"
                    )
                ),
            )
        ),
    )


def asynchronous(
    owner: Mapping[str, str], served: aws.sagemaker.Model, bucket: aws.s3.Bucket, topic: aws.sns.Topic, *, changed: bool
) -> None:
    """Make the asynchronous endpoint, which scales with its backlog, and from zero by a step."""
    configuration = aws.sagemaker.EndpointConfiguration(
        "async",
        production_variants=[
            Variant(variant_name="all", model_name=served.name, initial_instance_count=1, instance_type="ml.m5.large")
        ],
        async_inference_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(
            client_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigClientConfigArgs(
                max_concurrent_invocations_per_instance=8 if changed else 4
            ),
            output_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(
                s3_output_path=bucket.bucket.apply("s3://{}/output".format),
                s3_failure_path=bucket.bucket.apply("s3://{}/failed".format),
                notification_config=(
                    aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigNotificationConfigArgs(
                        error_topic=topic.arn, success_topic=topic.arn
                    )
                ),
            ),
        ),
        tags=owner,
    )
    endpoint = aws.sagemaker.Endpoint("async", endpoint_config_name=configuration.name)
    place = _scalable("async", endpoint, "DesiredInstanceCount", 0, 2)
    aws.appautoscaling.Policy(
        "backlog",
        **place,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration=(
            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=5,
                customized_metric_specification=(
                    aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs(
                        metric_name="ApproximateBacklogSizePerInstance",
                        namespace="AWS/SageMaker",
                        statistic="Average",
                        dimensions=[
                            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensionArgs(
                                name="EndpointName", value=endpoint.name
                            )
                        ],
                    )
                ),
                scale_in_cooldown=600 if changed else 300,
            )
        ),
    )
    step = aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs
    aws.appautoscaling.Policy(
        "from-zero",
        **place,
        policy_type="StepScaling",
        step_scaling_policy_configuration=aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs(
            adjustment_type="ChangeInCapacity",
            cooldown=300,
            metric_aggregation_type="Average",
            step_adjustments=[step(metric_interval_lower_bound="0", scaling_adjustment=2 if changed else 1)],
        ),
    )


def _scalable(name: str, endpoint: aws.sagemaker.Endpoint, what: str, least: int, most: int) -> dict[str, Any]:
    target = aws.appautoscaling.Target(
        name,
        min_capacity=least,
        max_capacity=most,
        resource_id=pulumi.Output.concat("endpoint/", endpoint.name, "/variant/all"),
        scalable_dimension=f"sagemaker:variant:{what}",
        service_namespace="sagemaker",
    )
    return {
        "resource_id": target.resource_id,
        "scalable_dimension": target.scalable_dimension,
        "service_namespace": target.service_namespace,
    }
