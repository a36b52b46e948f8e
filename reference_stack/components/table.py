"""DynamoDB tables as the stores of this stack need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_aws import dynamodb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from place import Place

EXPIRES: Final = "expires_at"
"""The attribute with the time, in seconds since 1970, after which DynamoDB deletes an item. Without it one stays."""


@dataclass(frozen=True, kw_only=True)
class StoreArgs:
    """How what is stored is kept.

    key_arn: of the key. deletion_protection: whether the table refuses to be deleted. recovery_days: how far back the
    table can be restored, 1 to 35. most_reads and most_writes: request units a second that the table takes at most,
    which bounds what a faulty client can cost.
    """

    place: Place
    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    deletion_protection: pulumi.Input[bool] = True
    recovery_days: pulumi.Input[int] = 35
    most_reads: pulumi.Input[int] = 4_000
    most_writes: pulumi.Input[int] = 4_000


def keyed_by_id(name: str, args: StoreArgs, parent: pulumi.Resource) -> dynamodb.Table:
    """A table with the key `id`, paid by the request, that can be restored to any second."""
    return dynamodb.Table(
        name,
        attributes=[dynamodb.TableAttributeArgs(name="id", type="S")],
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        on_demand_throughput=dynamodb.TableOnDemandThroughputArgs(
            max_read_request_units=args.most_reads, max_write_request_units=args.most_writes
        ),
        point_in_time_recovery=dynamodb.TablePointInTimeRecoveryArgs(
            enabled=True, recovery_period_in_days=args.recovery_days
        ),
        server_side_encryption=dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
        ttl=dynamodb.TableTtlArgs(enabled=True, attribute_name=EXPIRES),
        deletion_protection_enabled=args.deletion_protection,
        tags=args.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
