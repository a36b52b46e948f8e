"""What happens before an endpoint that answers later is deleted, so that no work is deleted with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import lambda_

from components.worker import ALIAS

if TYPE_CHECKING:
    from components.async_answers import AsyncAnswers
    from components.async_endpoint import AsyncEndpoint
    from components.worker import Worker


@dataclass(frozen=True, kw_only=True)
class WithdrawalArgs:
    """What goes together: the endpoint, the way back from it, and the function that stores what comes that way."""

    endpoint: AsyncEndpoint
    answers: AsyncAnswers
    collector: Worker


class Withdrawal(pulumi.ComponentResource):
    """Has the collector take back what is not answered, before any of these is deleted, or another endpoint takes over.

    It is invoked with `{"endpoint": NAME, "deployment": {"action": "delete"}}` then, and fails the deletion where it
    cannot: https://www.pulumi.com/registry/packages/aws/api-docs/lambda/invocation/
    """

    def __init__(self, name: str, args: WithdrawalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:model:Withdrawal", name, None, opts)
        lambda_.Invocation(
            name,
            function_name=args.collector.function_name,
            qualifier=ALIAS,
            input=pulumi.Output.json_dumps({"endpoint": args.endpoint.endpoint_name}),
            lifecycle_scope="CRUD",
            terraform_key="deployment",
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.endpoint, args.answers, args.collector],
                replace_on_changes=["input"],  # a new endpoint ends the old one, which an update would not say
            ),
        )
        self.register_outputs({})
