"""One resource of every type, wired as programs wire them. `everything:variant` = changed changes what can change."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
from ingress import api, bus  # type: ignore[import-not-found] # beside this file where the engine runs it
from network import network  # type: ignore[import-not-found] # beside this file where the engine runs it
from watching import keeping, watching  # type: ignore[import-not-found] # beside this file where the engine runs it

config = pulumi.Config()
changed = config.get("variant") == "changed"
owner = {"owner": "changed" if changed else "provider-test"}
account, region = aws.get_caller_identity().account_id, aws.get_region().region


def document(action: str, resource: object) -> pulumi.Output[str]:
    """Allow one action on one resource."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource}
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


def open_to(service: str, action: str, resource: object) -> pulumi.Output[str]:
    """Allow a service one action on one resource."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    """Let a service take a role."""
    return aws.iam.get_policy_document(
        statements=[
            aws.iam.GetPolicyDocumentStatementArgs(
                actions=["sts:AssumeRole"],
                principals=[aws.iam.GetPolicyDocumentStatementPrincipalArgs(type="Service", identifiers=[service])],
            )
        ]
    ).json


key = aws.kms.Key(
    "key",
    description="all of it" if changed else "everything",
    enable_key_rotation=True,
    deletion_window_in_days=7,
    tags=owner,
)
aws.kms.Alias("key", target_key_id=key.key_id)

dead = aws.sqs.Queue("dead", message_retention_seconds=1209600, tags=owner)
queue = aws.sqs.Queue(
    "work",
    visibility_timeout_seconds=240 if changed else 180,
    receive_wait_time_seconds=20,
    kms_master_key_id=key.arn,
    kms_data_key_reuse_period_seconds=300,
    tags=owner,
)
aws.sqs.RedrivePolicy(
    "work",
    queue_url=queue.url,
    redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 6 if changed else 5}),
)
aws.sqs.RedriveAllowPolicy(
    "dead",
    queue_url=dead.url,
    redrive_allow_policy=pulumi.Output.json_dumps({"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}),
)
aws.sqs.QueuePolicy("work", queue_url=queue.url, policy=open_to("events.amazonaws.com", "sqs:SendMessage", queue.arn))

table = aws.dynamodb.Table(
    "results",
    attributes=[
        aws.dynamodb.TableAttributeArgs(name="id", type="S"),
        aws.dynamodb.TableAttributeArgs(name="endpoint", type="S"),
    ],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    global_secondary_indexes=[
        aws.dynamodb.TableGlobalSecondaryIndexArgs(
            name="by-endpoint",
            key_schemas=[
                aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name="endpoint", key_type="HASH")
            ],
            projection_type="ALL",
        )
    ],
    point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
        enabled=True, recovery_period_in_days=14 if changed else 7
    ),
    server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=key.arn),
    ttl=aws.dynamodb.TableTtlArgs(attribute_name="expires", enabled=True),
    stream_enabled=True,
    stream_view_type="NEW_IMAGE",
    on_demand_throughput=aws.dynamodb.TableOnDemandThroughputArgs(
        max_read_request_units=100, max_write_request_units=200 if changed else 100
    ),
    tags=owner,
)

policy = aws.iam.Policy(
    "put", policy=document("dynamodb:PutItem" if changed else "dynamodb:GetItem", table.arn), tags=owner
)
role = aws.iam.Role(
    "worker",
    assume_role_policy=trust("lambda.amazonaws.com"),
    description="takes work" if changed else "works",
    max_session_duration=7200 if changed else 3600,
    tags=owner,
)
attachment = aws.iam.RolePolicyAttachment("put", role=role.name, policy_arn=policy.arn)
polling = aws.iam.RolePolicy(
    "poll",
    role=role.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                    "Resource": queue.arn,
                },
                {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key.arn},
            ],
        }
    ),
)
bucket = aws.s3.Bucket("models", force_destroy=True, tags=owner)
model_role = aws.iam.Role(
    "model",
    assume_role_policy=trust("sagemaker.amazonaws.com"),
    inline_policies=[
        aws.iam.RoleInlinePolicyArgs(
            name="artefact", policy=document("s3:GetObject", pulumi.Output.concat(bucket.arn, "/*"))
        )
    ],
    managed_policy_arns=[policy.arn],
)

logs = aws.cloudwatch.LogGroup("worker", retention_in_days=30 if changed else 14, tags=owner)
function = aws.lambda_.Function(
    "worker",
    runtime="python3.13",
    architectures=["arm64"],
    handler="handler.handle",
    code=pulumi.AssetArchive({".": pulumi.FileArchive("code"), "note.txt": pulumi.StringAsset(owner["owner"])}),
    role=role.arn,
    timeout=40 if changed else 30,
    memory_size=512,
    reserved_concurrent_executions=5,
    publish=True,
    environment=aws.lambda_.FunctionEnvironmentArgs(
        variables={"RESULTS_TABLE": table.name, "SECRET": pulumi.Output.secret("hush-hush")}
    ),
    logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=logs.name),
    tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
    dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=dead.arn),
    tags=owner,
    opts=pulumi.ResourceOptions(depends_on=[attachment, polling]),
)
alias = aws.lambda_.Alias("live", function_name=function.name, function_version=function.version)
aws.lambda_.EventSourceMapping(
    "worker",
    event_source_arn=queue.arn,
    function_name=alias.arn,
    batch_size=10,
    function_response_types=["ReportBatchItemFailures"],
    scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=4 if changed else 5),
)
aws.lambda_.Permission(
    "events", function=function.name, action="lambda:InvokeFunction", principal="events.amazonaws.com"
)
aws.lambda_.FunctionUrl("worker", function_name=function.name, authorization_type="AWS_IAM")

aws.s3.BucketPublicAccessBlock(
    "models",
    bucket=bucket.bucket,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
aws.s3.BucketVersioning(
    "models",
    bucket=bucket.bucket,
    versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
)
aws.s3.BucketServerSideEncryptionConfiguration(
    "models",
    bucket=bucket.bucket,
    rules=[
        aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=(
                aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                    sse_algorithm="aws:kms", kms_master_key_id=key.arn
                )
            ),
            bucket_key_enabled=True,
        )
    ],
)
aws.s3.BucketPolicy(
    "models",
    bucket=bucket.bucket,
    policy=open_to("sagemaker.amazonaws.com", "s3:GetObject", pulumi.Output.concat(bucket.arn, "/*")),
)
artefact = aws.s3.BucketObjectv2(
    "model.json", bucket=bucket.bucket, source=pulumi.StringAsset(json.dumps(owner)), tags=owner
)

model = aws.sagemaker.Model(
    "model",
    execution_role_arn=model_role.arn,
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
endpoint_configuration = aws.sagemaker.EndpointConfiguration(
    "model",
    name_prefix="model-",
    production_variants=[
        aws.sagemaker.EndpointConfigurationProductionVariantArgs(
            variant_name="all",
            model_name=model.name,
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
topic = aws.sns.Topic("alarms", kms_master_key_id=key.arn, display_name="alarms!" if changed else "alarms", tags=owner)
aws.sns.TopicPolicy("alarms", arn=topic.arn, policy=open_to("cloudwatch.amazonaws.com", "sns:Publish", topic.arn))
aws.sns.TopicSubscription(
    "alarms", topic=topic.arn, protocol="sqs", endpoint=dead.arn, raw_message_delivery=not changed
)
alarm = aws.cloudwatch.MetricAlarm(
    "dead",
    namespace="AWS/SQS",
    metric_name="ApproximateNumberOfMessagesVisible",
    dimensions={"QueueName": dead.name},
    statistic="Maximum",
    comparison_operator="GreaterThanThreshold",
    threshold=1 if changed else 0,
    period=60,
    evaluation_periods=1,
    treat_missing_data="notBreaching",
    alarm_actions=[topic.arn],
    tags=owner,
)
aws.cloudwatch.MetricAlarm(
    "errors",
    comparison_operator="GreaterThanThreshold",
    threshold=0.05,
    evaluation_periods=2,
    metric_queries=[
        aws.cloudwatch.MetricAlarmMetricQueryArgs(id="rate", expression="errors / calls", return_data=True),
        *(
            aws.cloudwatch.MetricAlarmMetricQueryArgs(
                id=name,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace="AWS/Lambda",
                    metric_name=metric,
                    period=60,
                    stat="Sum",
                    dimensions={"FunctionName": function.name},
                ),
            )
            for name, metric in (("errors", "Errors"), ("calls", "Invocations"))
        ),
    ],
)
endpoint = aws.sagemaker.Endpoint(
    "model",
    endpoint_config_name=endpoint_configuration.name,
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
target = aws.appautoscaling.Target(
    "model",
    min_capacity=2,
    max_capacity=8 if changed else 4,
    resource_id=pulumi.Output.concat("endpoint/", endpoint.name, "/variant/all"),
    scalable_dimension="sagemaker:variant:DesiredInstanceCount",
    service_namespace="sagemaker",
)
aws.appautoscaling.Policy(
    "model",
    resource_id=target.resource_id,
    scalable_dimension=target.scalable_dimension,
    service_namespace=target.service_namespace,
    policy_type="TargetTrackingScaling",
    target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
        target_value=200 if changed else 100,
        predefined_metric_specification=(
            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type="SageMakerVariantInvocationsPerInstance"
            )
        ),
        scale_in_cooldown=300,
        scale_out_cooldown=60,
    ),
)

net_role = aws.iam.Role("net", assume_role_policy=trust("vpc-flow-logs.amazonaws.com"))
network(owner, net_role, changed=changed)
bus(owner, queue, dead, changed=changed)
api_role = aws.iam.Role("api", assume_role_policy=trust("apigateway.amazonaws.com"))
stage = api(owner, queue, api_role, logs, changed=changed)
watching(owner, alarm, topic, changed=changed)
keeping(bucket, aws.s3.Bucket("logs"), changed=changed)

pulumi.export("queueUrl", queue.url)
pulumi.export("version", function.version)
