"""The results table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from policy_documents import Statement, allow

from components.dynamodb_table import StoreArgs, table_with_id_key

if TYPE_CHECKING:
    from collections.abc import Sequence


class ResultsStore(pulumi.ComponentResource):
    """A DynamoDB table with one item per result. Its key `id` is the id that the sender gave to the work item.

    `name` is known at preview, `arn` once the table exists. `write_grants`: the statements that a role needs to add
    results.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    write_grants: Sequence[Statement]

    def __init__(self, name: str, args: StoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:store:ResultsStore", name, None, opts)
        table = table_with_id_key(name, args, self)
        self.name, self.arn = table.name, table.arn
        self.write_grants = [allow(["dynamodb:PutItem"], [args.aws_env.table_arn(table.name)])]
        self.register_outputs({"name": self.name, "arn": self.arn})
