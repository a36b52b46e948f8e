"""The customer managed KMS key that encrypts everything in the stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import Condition, Statement, allow, allow_service, document
from pulumi_aws import kms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_environment import AwsEnvironment

DATA_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey*")
"""The actions that a service needs to write to an encrypted resource."""


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """Alias, users and rotation of the key.

    alias: without `alias/`. log_groups: names of the log groups that are encrypted with it. senders: AWS services that
    write to the stack's encrypted queues, topics or buses themselves: `events`, `sns`, `cloudwatch`, `budgets`.
    deletion_window_days: how long a deleted key can be restored, 7 to 30. rotation_days: 90 to 2560.
    """

    aws_env: AwsEnvironment
    alias: pulumi.Input[str]
    log_groups: Sequence[pulumi.Input[str]]
    tags: Mapping[str, pulumi.Input[str]]
    senders: Sequence[str] = field(default_factory=tuple)
    deletion_window_days: pulumi.Input[int] = 30
    rotation_days: pulumi.Input[int] = 365


class EncryptionKey(pulumi.ComponentResource):
    """A KMS key with rotation, and its alias.

    `arn` is known once the key exists, `alias` (with `alias/`) at preview.
    """

    arn: pulumi.Output[str]
    alias: pulumi.Output[str]

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:key:EncryptionKey", name, None, opts)
        key = kms.Key(
            name,
            description=pulumi.Output.concat("Everything of ", args.alias),
            policy=_policy(args),
            enable_key_rotation=True,
            rotation_period_in_days=args.rotation_days,
            deletion_window_in_days=args.deletion_window_days,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        alias = kms.Alias(
            name,
            name=pulumi.Output.concat("alias/", args.alias),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn, self.alias = key.arn, alias.name
        self.register_outputs({"arn": self.arn, "alias": self.alias})


def _policy(args: EncryptionKeyArgs) -> pulumi.Output[str]:
    """Delegate permissions to the account's IAM policies, as the default key policy does, and admit some services.

    Each service is admitted for this account only, CloudWatch Logs for the given log groups only.
    """
    aws_env = args.aws_env
    administration = allow(["kms:*"], ["*"]) | {
        "Principal": {"AWS": f"arn:{aws_env.partition}:iam::{aws_env.account}:root"}
    }
    groups = [aws_env.log_group_arn(name) for name in args.log_groups]
    ours: Condition = {"StringEquals": {"aws:SourceAccount": aws_env.account}}
    statements: list[Statement] = [
        administration,
        allow_service(
            f"logs.{aws_env.region}",
            ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "*",
            {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}},
        ),
        *(allow_service(service, DATA_KEY, "*", ours) for service in args.senders),
    ]
    if "events" in args.senders:  # EventBridge describes the key before it accepts it, without a source account:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
        statements.append(allow_service("events", ["kms:DescribeKey"], "*"))
    return document(*statements)
