"""The table that remembers what was worked on, so that nothing is worked on twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from documents import Statement, allow

from components.table import StoreArgs, keyed_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence


class IdempotencyStore(pulumi.ComponentResource):
    """A DynamoDB table with one item an id: who works on it until when, and whether it is done. Items expire.

    `name` is known at preview, `arn` once the table exists. `claim` are the statements that a role needs to work with
    it: an update makes an item that is not there, so it is all that claims, finishes and releases.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    claim: Sequence[Statement]

    def __init__(self, name: str, args: StoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:store:IdempotencyStore", name, None, opts)
        table = keyed_by_id(name, args, self)
        self.name, self.arn = table.name, table.arn
        self.claim = [allow(["dynamodb:UpdateItem"], [args.place.table(table.name)])]
        self.register_outputs({"name": self.name, "arn": self.arn})
