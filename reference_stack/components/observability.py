"""The dashboard and the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import budgets, cloudwatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_environment import AwsEnvironment

Series = tuple[str, str, str, "Mapping[str, pulumi.Input[str]]", str]
"""A line of a graph: title, namespace, metric, dimensions, statistic."""


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """Graphs of the dashboard, and the budget.

    graphs: lines by the title of their graph; empty for no dashboard. monthly_budget: in US dollars, for everything
    with the project's tag; 0 for no budget. topic: ARN of the topic for budget notifications. project: the tag's value.
    """

    aws_env: AwsEnvironment
    dashboard_name: str
    graphs: Mapping[str, Sequence[Series]]
    topic: pulumi.Input[str]
    project: str
    tags: Mapping[str, pulumi.Input[str]]
    monthly_budget: int = 0


class Observability(pulumi.ComponentResource):
    """A CloudWatch dashboard, and a budget with notifications of actual and forecasted costs."""

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:observability:Observability", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        if args.graphs:
            cloudwatch.Dashboard(name, dashboard_name=args.dashboard_name, dashboard_body=_body(args), opts=child)
        if args.monthly_budget:
            budgets.Budget(
                name,
                budget_type="COST",
                time_unit="MONTHLY",
                limit_amount=str(args.monthly_budget),
                limit_unit="USD",
                # works once `project` is activated as a cost allocation tag in the billing console
                cost_filters=[
                    budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:project${args.project}"])
                ],
                notifications=[
                    budgets.BudgetNotificationArgs(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=threshold,
                        threshold_type="PERCENTAGE",
                        subscriber_sns_topic_arns=[args.topic],
                    )
                    for kind, threshold in (("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0))
                ],
                tags=args.tags,
                opts=child,
            )
        self.register_outputs({})


def _body(args: ObservabilityArgs) -> pulumi.Output[str]:
    """The dashboard's JSON: graphs in two columns, each half of the 24 units of a dashboard's width."""
    widgets = [
        {
            "type": "metric",
            "x": at % 2 * 12,
            "y": at // 2 * 6,
            "width": 12,
            "height": 6,
            "properties": {
                "title": title,
                "region": args.aws_env.region,
                "view": "timeSeries",
                "period": 60,
                "metrics": [_line(series) for series in lines],
            },
        }
        for at, (title, lines) in enumerate(args.graphs.items())
    ]
    return pulumi.Output.json_dumps({"widgets": widgets})


def _line(series: Series) -> list[object]:
    title, namespace, metric, dimensions, statistic = series
    named = [part for pair in dimensions.items() for part in pair]
    return [namespace, metric, *named, {"label": title, "stat": statistic}]
