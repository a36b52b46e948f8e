"""The table that results are kept in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from documents import Statement, allow

from components.table import StoreArgs, keyed_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence


class ResultsStore(pulumi.ComponentResource):
    """A DynamoDB table with one item a result. Its key `id` is the sender's id of what the result is about.

    `name` is known at preview, `arn` once the table exists. `keep` are the statements that a role needs to add results.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    keep: Sequence[Statement]

    def __init__(self, name: str, args: StoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:store:ResultsStore", name, None, opts)
        table = keyed_by_id(name, args, self)
        self.name, self.arn = table.name, table.arn
        self.keep = [allow(["dynamodb:PutItem"], [args.place.table(table.name)])]
        self.register_outputs({"name": self.name, "arn": self.arn})
