"""The idempotency table: which items are claimed and which are done, so that no item is processed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from policy_documents import Statement, allow

from components.dynamodb_table import StoreArgs, table_with_id_key

if TYPE_CHECKING:
    from collections.abc import Sequence


class IdempotencyStore(pulumi.ComponentResource):
    """A DynamoDB table with one item per id: its owner, the end of the claim, and its state. Items expire.

    `name` is known at preview, `arn` once the table exists. `claim_grants`: the statements that a role needs;
    UpdateItem also creates missing items, so it suffices to claim, finish and release ids.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    claim_grants: Sequence[Statement]

    def __init__(self, name: str, args: StoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:store:IdempotencyStore", name, None, opts)
        table = table_with_id_key(name, args, self)
        self.name, self.arn = table.name, table.arn
        self.claim_grants = [allow(["dynamodb:UpdateItem"], [args.aws_env.table_arn(table.name)])]
        self.register_outputs({"name": self.name, "arn": self.arn})
