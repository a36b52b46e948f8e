"""The function that works on what the queue holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import allow, decrypt, document, trust
from pulumi_aws import cloudwatch, iam, lambda_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from place import Place

ALIAS: Final = "live"
"""What the queue calls. New code becomes a version first, and takes over in one step."""


@dataclass(frozen=True, kw_only=True)
class WorkerArgs:
    """What the worker reads, asks and writes, and its limits.

    code: the archive. queue_name, endpoint_name, table_name: of the queue it empties, the endpoint it asks and the
    table it fills. key_alias (with `alias/`) and key_arn: of the key that all of them are encrypted under.
    log_group_name: of the log group that is made for it. timeout_seconds: of one batch. model_timeout_seconds: of one
    request to the model, which is made twice at most: less than half the timeout. concurrency: batches at a time, at
    least 2. batch_size: messages in a batch, at most 10. memory_mb: 128 to 10,240.
    """

    place: Place
    code: pulumi.Archive
    queue_name: pulumi.Input[str]
    endpoint_name: pulumi.Input[str]
    table_name: pulumi.Input[str]
    key_alias: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    tags: Mapping[str, pulumi.Input[str]]
    timeout_seconds: pulumi.Input[int] = 30
    model_timeout_seconds: pulumi.Input[float] = 8.0
    concurrency: pulumi.Input[int] = 10
    batch_size: pulumi.Input[int] = 10
    memory_mb: pulumi.Input[int] = 512


class Worker(pulumi.ComponentResource):
    """A Lambda function with a role and a log group of its own, fed by a queue.

    `function_name`, `role_name` and `log_group_name` are known at preview; the ARNs once the function exists.
    """

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]
    alias_arn: pulumi.Output[str]
    mapping_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]

    def __init__(self, name: str, args: WorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:worker:Worker", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        logs = cloudwatch.LogGroup(
            name,
            name=args.log_group_name,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=child,
        )
        role = iam.Role(name, assume_role_policy=trust("lambda"), tags=args.tags, opts=child)
        policy = iam.RolePolicy(name, role=role.name, policy=_policy(args, logs.name), opts=child)
        function = lambda_.Function(
            name,
            role=role.arn,
            code=args.code,
            handler="handler.handle",
            runtime="python3.13",
            architectures=["arm64"],
            timeout=args.timeout_seconds,
            memory_size=args.memory_mb,
            # the mapping's pollers do not know of reserved concurrency: with less, they would be throttled
            reserved_concurrent_executions=args.concurrency,
            environment=lambda_.FunctionEnvironmentArgs(
                variables={
                    "RESULTS_TABLE": args.table_name,
                    "ENDPOINT_NAME": args.endpoint_name,
                    "MODEL_TIMEOUT_SECONDS": pulumi.Output.from_input(args.model_timeout_seconds).apply(str),
                }
            ),
            kms_key_arn=args.key_arn,
            tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
            logging_config=lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=logs.name, application_log_level="INFO", system_log_level="WARN"
            ),
            publish=True,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        alias = lambda_.Alias(
            name, name=ALIAS, function_name=function.name, function_version=function.version, opts=child
        )
        mapping = lambda_.EventSourceMapping(
            name,
            event_source_arn=args.place.queue(args.queue_name),
            function_name=args.place.function(function.name, alias.name),
            function_response_types=["ReportBatchItemFailures"],
            batch_size=args.batch_size,
            scaling_config=lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=args.concurrency),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.function_name, self.function_arn = function.name, function.arn
        self.alias_arn, self.mapping_arn = alias.arn, mapping.arn
        self.role_name, self.role_arn = role.name, role.arn
        self.log_group_name, self.log_group_arn = logs.name, logs.arn
        self.register_outputs(
            {
                "function_name": self.function_name,
                "function_arn": self.function_arn,
                "alias_arn": self.alias_arn,
                "mapping_arn": self.mapping_arn,
                "role_name": self.role_name,
                "role_arn": self.role_arn,
                "log_group_name": self.log_group_name,
                "log_group_arn": self.log_group_arn,
            }
        )


def archive(folder: Path) -> pulumi.AssetArchive:
    """The files of a folder, without what Python leaves in it when it runs there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return pulumi.AssetArchive({path.relative_to(folder).as_posix(): pulumi.FileAsset(path) for path in files})


def _policy(args: WorkerArgs, log_group: pulumi.Input[str]) -> pulumi.Output[str]:
    """What the worker does, and nothing else."""
    place = args.place
    return document(
        allow(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
            [place.queue(args.queue_name)],
        ),
        allow(["sagemaker:InvokeEndpoint"], [place.endpoint(args.endpoint_name)]),
        allow(["dynamodb:PutItem"], [place.table(args.table_name)]),
        decrypt(place, args.key_alias, ["sqs", "dynamodb"]),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], [place.log_streams(log_group)]),
        allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]),  # X-Ray has no resource to name
    )
