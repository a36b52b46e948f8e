"""A Lambda function that consumes a queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import Statement, allow, document, trust
from pulumi_aws import cloudwatch, iam, lambda_

from components.alarms import Alerting, Metric, alarm_above

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_environment import AwsEnvironment

    from components.network import VpcPlacement

ALIAS: Final = "live"
"""The alias that the event source mapping invokes. New code is published as a version before the alias moves."""
RUNTIME: Final = "python3.13"
NETWORK_INTERFACE_ACTIONS: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions."""


@dataclass(frozen=True, kw_only=True)
class WorkerArgs:
    """Code, permissions and limits of the function.

    code: the archive; handler: `module.function` in it; environment: its variables. queue_name: of the queue it
    consumes. grants: statements for that and for whatever else it does. key_arn: of the key. log_group_name: of the log
    group to create. timeout_seconds: of one batch, 1 to 900. concurrency: concurrent batches, 2 to 1,000. reserved:
    whether that concurrency is reserved; AWS rejects it if less than 100 (in new accounts, whose quota is 10, less than
    10) would stay unreserved. batch_size: at most 10. memory_mb: 128 to 10,240. vpc_placement: None for no VPC.
    """

    aws_env: AwsEnvironment
    code: pulumi.Archive
    handler: str
    queue_name: pulumi.Input[str]
    grants: Sequence[Statement]
    key_arn: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    alerting: Alerting
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    timeout_seconds: pulumi.Input[int] = 30
    concurrency: pulumi.Input[int] = 10
    reserved: bool = True
    batch_size: pulumi.Input[int] = 10
    memory_mb: pulumi.Input[int] = 512
    vpc_placement: VpcPlacement | None = None


class Worker(pulumi.ComponentResource):
    """A Lambda function with a role and a log group of its own, an event source mapping, and alarms.

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
        child, tags = pulumi.ResourceOptions(parent=self), args.alerting.tags
        logs = cloudwatch.LogGroup(
            name,
            name=args.log_group_name,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        role = iam.Role(name, assume_role_policy=trust("lambda"), tags=tags, opts=child)
        policy = iam.RolePolicy(name, role=role.name, policy=_policy(name, args, logs.name), opts=child)
        function = lambda_.Function(
            name,
            role=role.arn,
            code=args.code,
            handler=args.handler,
            runtime=RUNTIME,
            architectures=["arm64"],
            timeout=args.timeout_seconds,
            memory_size=args.memory_mb,
            # the mapping's pollers ignore reserved concurrency: with less, they would be throttled
            reserved_concurrent_executions=args.concurrency if args.reserved else None,
            environment=lambda_.FunctionEnvironmentArgs(variables=args.environment),
            kms_key_arn=args.key_arn,
            tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
            logging_config=lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=logs.name, application_log_level="INFO", system_log_level="WARN"
            ),
            vpc_config=_vpc_config(args.vpc_placement),
            publish=True,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        alias = lambda_.Alias(
            name, name=ALIAS, function_name=function.name, function_version=function.version, opts=child
        )
        mapping = lambda_.EventSourceMapping(
            name,
            event_source_arn=args.aws_env.queue_arn(args.queue_name),
            function_name=args.aws_env.function_alias_arn(function.name, alias.name),
            function_response_types=["ReportBatchItemFailures"],
            batch_size=args.batch_size,
            scaling_config=lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=args.concurrency),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.function_name, self.function_arn = function.name, function.arn
        self.alias_arn, self.mapping_arn = alias.arn, mapping.arn
        self.role_name, self.role_arn = role.name, role.arn
        self.log_group_name, self.log_group_arn = logs.name, logs.arn
        self._create_alarms(name, args)
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

    def _create_alarms(self, name: str, args: WorkerArgs) -> None:
        """Create alarms on failed batches, throttled batches, and concurrency at its limit."""
        full = pulumi.Output.from_input(args.concurrency).apply(lambda most: float(most - 1))
        alarms: tuple[tuple[str, str, str, pulumi.Input[float], int, str], ...] = (
            ("errors", "Errors", "Sum", 0.0, 1, "Batches fail as a whole: look for errors in the log"),
            ("throttles", "Throttles", "Sum", 0.0, 1, "Batches are turned away: the account's concurrency is used up"),
            ("full", "ConcurrentExecutions", "Maximum", full, 10, "All workers are busy: work piles up from here"),
        )
        for alarm, metric, statistic, threshold, periods, description in alarms:
            alarm_above(
                f"{name}-{alarm}",
                Metric(
                    namespace="AWS/Lambda",
                    name=metric,
                    dimensions={"FunctionName": self.function_name},
                    statistic=statistic,
                ),
                threshold,
                description=description,
                alerting=args.alerting,
                parent=self,
                periods=periods,
            )


def _vpc_config(vpc_placement: VpcPlacement | None) -> lambda_.FunctionVpcConfigArgs | None:
    if vpc_placement is None:
        return None
    return lambda_.FunctionVpcConfigArgs(
        subnet_ids=list(vpc_placement.subnets), security_group_ids=[vpc_placement.security_group]
    )


def _policy(name: str, args: WorkerArgs, log_group: pulumi.Input[str]) -> pulumi.Output[str]:
    """What the function's code does, what Lambda does with its role, and nothing else."""
    statements = [
        *args.grants,
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], [args.aws_env.log_streams_arn(log_group)]),
        allow(
            ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]
        ),  # X-Ray's actions have no resource-level permissions
    ]
    if args.vpc_placement is not None:
        # Lambda creates the network interfaces; the function's own code must not, although it has the same role
        function = args.aws_env.arn("lambda", f"function:{name}-*")
        code = {"ArnLike": {"lambda:SourceFunctionArn": function}}
        statements += [
            allow(NETWORK_INTERFACE_ACTIONS, ["*"]),
            {"Effect": "Deny", "Action": list(NETWORK_INTERFACE_ACTIONS), "Resource": "*", "Condition": code},
        ]
    return document(*statements)
