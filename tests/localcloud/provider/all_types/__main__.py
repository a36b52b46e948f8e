"""One resource of every type, wired as in real programs. `all_types:variant` = changed updates all that can change."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

# Beside this file where the engine runs it, hence not found from here.
from buckets import configure_access, configure_storage  # type: ignore[import-not-found]
from iam_documents import document, open_to, trust  # type: ignore[import-not-found]
from ingress import api, bus  # type: ignore[import-not-found]
from monitoring import alarms, monitoring  # type: ignore[import-not-found]
from network import network  # type: ignore[import-not-found]
from serving import asynchronous, instances, model, serverless  # type: ignore[import-not-found]

config = pulumi.Config()
changed = config.get("variant") == "changed"
owner = {"owner": "changed" if changed else "provider-test"}
account, region = aws.get_caller_identity().account_id, aws.get_region().region


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
logs = aws.cloudwatch.LogGroup("worker", retention_in_days=30 if changed else 14, tags=owner)
net = network(owner, aws.iam.Role("net", assume_role_policy=trust("vpc-flow-logs.amazonaws.com")), changed=changed)
interfaces = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]
within = aws.iam.RolePolicy("network", role=role.name, policy=document(interfaces, "*"))
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
    vpc_config=aws.lambda_.FunctionVpcConfigArgs(
        subnet_ids=[subnet.id for subnet in net.subnets], security_group_ids=[net.group.id]
    ),
    dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=dead.arn),
    tags=owner,
    opts=pulumi.ResourceOptions(depends_on=[attachment, polling, within]),
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
aws.lambda_.Invocation(
    "worker",
    function_name=function.name,
    qualifier=alias.name,
    input='{"size": "large"}' if changed else '{"size": "small"}',
    lifecycle_scope="CRUD",
    terraform_key="life",
)
aws.lambda_.FunctionUrl("worker", function_name=function.name, authorization_type="AWS_IAM")

bucket = aws.s3.Bucket("models", force_destroy=True, tags=owner)
configure_access(bucket, key)
configure_storage(bucket, aws.s3.Bucket("logs"), changed=changed)
topic, alarm = alarms(owner, key, dead, function, changed=changed)
monitoring(owner, alarm, topic, changed=changed)
served = model(owner, bucket, key, policy)
instances(owner, served, alarm, changed=changed)
serverless(owner, served, changed=changed)
asynchronous(owner, served, bucket, topic, changed=changed)
bus(owner, queue, dead, changed=changed)
stage = api(
    owner, queue, aws.iam.Role("api", assume_role_policy=trust("apigateway.amazonaws.com")), logs, changed=changed
)

pulumi.export("queueUrl", queue.url)
pulumi.export("version", function.version)
