"""DynamoDB tables, as the stores of this stack need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_aws import dynamodb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_environment import AwsEnvironment

TTL_ATTRIBUTE: Final = "expires_at"
"""The TTL attribute: Unix time after which DynamoDB deletes an item. Items without it stay."""


@dataclass(frozen=True, kw_only=True)
class StoreArgs:
    """Protection and limits of a table.

    key_arn: of the key. deletion_protection: whether the table refuses to be deleted. recovery_days: of point-in-time
    recovery, 1 to 35. max_reads, max_writes: request units per second, which bound what a faulty client can cost.
    """

    aws_env: AwsEnvironment
    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    deletion_protection: pulumi.Input[bool] = True
    recovery_days: pulumi.Input[int] = 35
    max_reads: pulumi.Input[int] = 4_000
    max_writes: pulumi.Input[int] = 4_000


def table_with_id_key(name: str, args: StoreArgs, parent: pulumi.Resource) -> dynamodb.Table:
    """A table with the key `id`, on-demand billing and point-in-time recovery."""
    return dynamodb.Table(
        name,
        attributes=[dynamodb.TableAttributeArgs(name="id", type="S")],
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        on_demand_throughput=dynamodb.TableOnDemandThroughputArgs(
            max_read_request_units=args.max_reads, max_write_request_units=args.max_writes
        ),
        point_in_time_recovery=dynamodb.TablePointInTimeRecoveryArgs(
            enabled=True, recovery_period_in_days=args.recovery_days
        ),
        server_side_encryption=dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
        ttl=dynamodb.TableTtlArgs(enabled=True, attribute_name=TTL_ATTRIBUTE),
        deletion_protection_enabled=args.deletion_protection,
        tags=args.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
