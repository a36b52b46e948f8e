"""The graphs of the dashboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from settings import SHAPES

from policypack.model import FUNCTION, QUEUE, TABLE

if TYPE_CHECKING:
    from tests.reference_stack.conftest import Deploy

NOT_OF_ASYNC_ENDPOINTS = {"Invocations", "InvocationsPerInstance", "OverheadLatency"}
"""https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html: these are not published."""
NAMED = {
    "QueueName": (QUEUE, "name"),
    "FunctionName": (FUNCTION, "name"),
    "Function": (FUNCTION, "name"),
    "TableName": (TABLE, "name"),
    "EndpointName": ("aws:sagemaker/endpoint:Endpoint", "name"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_graph_shows_metrics_of_existing_resources(deploy: Deploy, shape: str) -> None:
    """All dimensions are known at preview and name resources of the stack."""
    stack = deploy(endpointShape=shape)
    names = {dimension: {each.get(path) for each in stack.of_type(type_)} for dimension, (type_, path) in NAMED.items()}
    names["VariantName"] = {"main"}
    (dashboard,) = stack.of_type("aws:cloudwatch/dashboard:Dashboard")
    lines = _lines(dashboard.get("dashboardBody"))
    assert len(lines) > 20
    for _, metric, *dimensions in lines:
        for dimension, value in zip(dimensions[::2], dimensions[1::2], strict=True):
            assert value in names[dimension], f"{metric}: {dimension} is {value}"
    shown = {metric for _, metric, *_ in lines}
    assert shown >= {"ModelLatency", "Invocation5XXErrors", "ApproximateAgeOfOldestMessage", "ConcurrentExecutions"}
    assert bool(shown & NOT_OF_ASYNC_ENDPOINTS) == (shape != "async")
    assert ("ApproximateBacklogSize" in shown) == (shape == "async")


def _lines(body: str) -> list[list[str]]:
    """The metric lines of all graphs: namespace, metric, then names and values of dimensions."""
    widgets: list[dict[str, Any]] = json.loads(body)["widgets"]
    return [line[:-1] for widget in widgets for line in widget["properties"]["metrics"]]
