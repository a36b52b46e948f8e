"""VPC flow logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from policy_documents import allow, document, trust
from pulumi_aws import cloudwatch, ec2, iam

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_environment import AwsEnvironment


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """vpc_id: of the VPC to log. log_group_name: of the log group to create. key_arn: of the key."""

    aws_env: AwsEnvironment
    vpc_id: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]


class FlowLogs(pulumi.ComponentResource):
    """Flow logs of a VPC in an encrypted log group, with a role of their own.

    `role_arn` and `log_group_arn` are known once they exist.
    """

    role_arn: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:network:FlowLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        aws_env, logical = args.aws_env, f"{name}-flow-logs"
        logs = cloudwatch.LogGroup(
            logical,
            name=args.log_group_name,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=child,
        )
        role = iam.Role(
            logical,
            assume_role_policy=trust(
                "vpc-flow-logs",
                {
                    "StringEquals": {"aws:SourceAccount": aws_env.account},
                    "ArnLike": {"aws:SourceArn": aws_env.arn("ec2", "vpc-flow-log/*")},
                },
            ),
            tags=args.tags,
            opts=child,
        )
        policy = iam.RolePolicy(
            logical,
            role=role.name,
            policy=document(
                allow(
                    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    [aws_env.log_streams_arn(logs.name)],
                ),
                # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
                allow(["logs:DescribeLogGroups"], ["*"]),
            ),
            opts=child,
        )
        ec2.FlowLog(
            logical,
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=logs.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.role_arn, self.log_group_arn = role.arn, logs.arn
        self.register_outputs({"role_arn": self.role_arn, "log_group_arn": self.log_group_arn})
