"""CloudWatch alarms, as the components of this stack create them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import cloudwatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric and its statistic.

    statistic: `Sum`, `Maximum`, `Average`..., or a percentile such as `p99`. period: in seconds.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    period: int = 60


@dataclass(frozen=True, kw_only=True)
class Alerting:
    """The SNS topics of alarms, and their tags. topics: ARNs, notified when an alarm starts and when it ends.

    Raises ValueError without a topic.
    """

    topics: Sequence[pulumi.Input[str]]
    tags: Mapping[str, pulumi.Input[str]]

    def __post_init__(self) -> None:
        if not self.topics:
            raise ValueError("alarms without a topic notify nobody: give at least one topic")


def alarm_above(
    name: str,
    metric: Metric,
    threshold: pulumi.Input[float],
    *,
    description: str,
    alerting: Alerting,
    parent: pulumi.Resource,
    periods: int = 1,
) -> cloudwatch.MetricAlarm:
    """An alarm while a metric is above a threshold for a number of periods. Missing data does not raise an alarm.

    description: what is wrong then.
    """
    percentile = metric.statistic.startswith("p")
    return cloudwatch.MetricAlarm(
        name,
        alarm_description=description,
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=metric.dimensions,
        statistic=None if percentile else metric.statistic,
        extended_statistic=metric.statistic if percentile else None,
        comparison_operator="GreaterThanThreshold",
        threshold=threshold,
        period=metric.period,
        evaluation_periods=periods,
        treat_missing_data="notBreaching",
        alarm_actions=list(alerting.topics),
        ok_actions=list(alerting.topics),
        tags=alerting.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
