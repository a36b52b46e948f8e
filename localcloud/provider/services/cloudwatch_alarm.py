"""CloudWatch: metric alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider.regular_kind import RegularKind, Tags
from localcloud.provider.resource_kind import Call, Name, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.provider.api_parameters import Renames

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
COMPARISONS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
)


class MetricAlarm(RegularKind):
    """An alarm on one metric or on a query of several. Its id is its name."""

    urn_type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    service = "cloudwatch"
    name = Name()
    making, asking, changing, removing = "put_metric_alarm", "describe_alarms", "put_metric_alarm", "delete_alarms"
    identity, inside = "AlarmName", "MetricAlarms"
    renames: ClassVar[Renames] = {
        "arn": "AlarmArn",
        "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        "metricQueries": "Metrics",
        "name": "AlarmName",
    }
    tagging = Tags(put="tag_resource", drop="untag_resource", ask="list_tags_for_resource", resource="ResourceARN")
    defaults: ClassVar[Table] = {
        "actionsEnabled": True,
        "metricQueries[].returnData": False,
        "treatMissingData": "missing",
    }
    replaces = frozenset({"name"})
    sets = frozenset({"alarmActions", "insufficientDataActions", "metricQueries", "okActions"})
    conflicts = (
        ("dimensions", "metricQueries"),
        ("metricName", "metricQueries"),
        ("extendedStatistic", "statistic", "metricQueries"),
        ("threshold", "thresholdMetricId"),
    )
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "comparisonOperator": COMPARISONS,
        "statistic": STATISTICS,
        "treatMissingData": ("missing", "ignore", "breaching", "notBreaching"),
    }

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:
        """Want one kind of statistic for a metric."""
        if "metricName" in inputs and ("statistic" in inputs) == ("extendedStatistic" in inputs):
            yield "statistic", "one of statistic or extendedStatistic must be set with metricName"

    def request(self, call: Call, operation: str) -> dict[str, Any]:
        """Put a query's metric where the API wants it: statistic, period and unit beside the metric, not in it."""
        params = super().request(call, operation)
        for query, given in zip(params.get("Metrics", []), call.inputs.get("metricQueries", []), strict=False):
            metric = given.get("metric")
            if metric:
                query["MetricStat"] = _metric_stat(metric)
        return params

    def describe(self, call: Call) -> dict[str, Any]:
        """Ask by name."""
        answer: dict[str, Any] = call.client("cloudwatch").describe_alarms(AlarmNames=[call.id])
        return answer

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe by name. Every list of actions is told, also an empty one."""
        found = super().read(call)
        if found is not None:
            for prop in ("alarmActions", "insufficientDataActions", "okActions"):
                found.setdefault(prop, [])
            found.setdefault("treatMissingData", "missing")
        return found

    def answer(self, response: dict[str, Any]) -> dict[str, Any] | None:
        """Take the alarm, with its queries in the form of the properties."""
        alarm = super().answer(response)
        if alarm and alarm.get("Metrics"):
            alarm = {**alarm, "Metrics": [{**each, "Metric": _metric(each)} for each in alarm["Metrics"]]}
        return alarm

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("cloudwatch").delete_alarms(AlarmNames=[call.id])


def _metric_stat(metric: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = {"MetricName": metric["metricName"]}
    if "namespace" in metric:
        inner["Namespace"] = metric["namespace"]
    inner["Dimensions"] = [{"Name": key, "Value": value} for key, value in metric.get("dimensions", {}).items()]
    stat: dict[str, Any] = {"Metric": inner, "Period": metric["period"], "Stat": metric["stat"]}
    return {**stat, "Unit": metric["unit"]} if "unit" in metric else stat


def _metric(query: dict[str, Any]) -> dict[str, Any]:
    stat = query.get("MetricStat") or {}
    return {**stat.get("Metric", {}), **{key: value for key, value in stat.items() if key != "Metric"}}


KINDS = (MetricAlarm(),)
