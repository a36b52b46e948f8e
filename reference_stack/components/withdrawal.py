"""The invocation that requeues open batches before an asynchronous endpoint is deleted, so that no work is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import lambda_

from components.queue_function import ALIAS

if TYPE_CHECKING:
    from components.async_answers import AsyncAnswers
    from components.async_endpoint import AsyncEndpoint
    from components.queue_function import Worker


@dataclass(frozen=True, kw_only=True)
class WithdrawalArgs:
    """The endpoint, the queue of its notifications, and the collector."""

    endpoint: AsyncEndpoint
    async_answers: AsyncAnswers
    collector: Worker


class Withdrawal(pulumi.ComponentResource):
    """Has the collector requeue the items of open batches before the endpoint is deleted or replaced.

    Pulumi then invokes it with `{"endpoint": NAME, "deployment": {"action": "delete"}}`; an error stops the deletion:
    https://www.pulumi.com/registry/packages/aws/api-docs/lambda/invocation/
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
                depends_on=[args.endpoint, args.async_answers, args.collector],
                replace_on_changes=[
                    "input"
                ],  # replacement invokes the function with `delete` for the old endpoint; an update would not
            ),
        )
        self.register_outputs({})
