"""The table that results are kept in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import dynamodb

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class ResultsStoreArgs:
    """How results are kept.

    key_arn: of the key. deletion_protection: whether the table refuses to be deleted. recovery_days: how far back the
    table can be restored, 1 to 35.
    """

    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    deletion_protection: pulumi.Input[bool] = True
    recovery_days: pulumi.Input[int] = 35


class ResultsStore(pulumi.ComponentResource):
    """A DynamoDB table with the key `id`, paid by the request, that can be restored to any second.

    `name` is known at preview, `arn` once the table exists.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: ResultsStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:store:ResultsStore", name, None, opts)
        table = dynamodb.Table(
            name,
            attributes=[dynamodb.TableAttributeArgs(name="id", type="S")],
            hash_key="id",
            billing_mode="PAY_PER_REQUEST",
            point_in_time_recovery=dynamodb.TablePointInTimeRecoveryArgs(
                enabled=True, recovery_period_in_days=args.recovery_days
            ),
            server_side_encryption=dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
            deletion_protection_enabled=args.deletion_protection,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name, self.arn = table.name, table.arn
        self.register_outputs({"name": self.name, "arn": self.arn})
