"""Between properties and the API: what is sent is what botocore takes, and what comes back is what was meant."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from botocore.validate import ParamValidator

from localcloud.provider import api_parameters, registry
from localcloud.provider.aws_clients import Cloud
from localcloud.provider.regular_kind import RegularKind, prefix_of
from localcloud.provider.resource_kind import Call
from tests.localcloud.provider.request_cases import REGULAR

CLOUD = Cloud({}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
SCALING = {"resourceId": "r", "scalableDimension": "d", "serviceNamespace": "sagemaker", "name": "p"}
TRACKING = {
    "targetValue": 70.5,
    "predefinedMetricSpecification": {"predefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    "scaleInCooldown": 300,
    "scaleOutCooldown": 60,
    "disableScaleIn": False,
}
BACKLOG = {
    "targetValue": 5,
    "customizedMetricSpecification": {
        "metricName": "ApproximateBacklogSizePerInstance",
        "namespace": "AWS/SageMaker",
        "statistic": "Average",
        "dimensions": [{"name": "EndpointName", "value": "e"}],
    },
}
STEPS = {
    "adjustmentType": "ChangeInCapacity",
    "cooldown": 300,
    "metricAggregationType": "Average",
    "stepAdjustments": [
        {"metricIntervalLowerBound": "0", "metricIntervalUpperBound": "2.5", "scalingAdjustment": 1},
        {"metricIntervalLowerBound": "2.5", "scalingAdjustment": 2},
    ],
}


@pytest.mark.parametrize(
    ("token", "operation", "inputs"),
    REGULAR,
)
def test_regular_types_there_and_back(token: str, operation: str, inputs: dict[str, Any]) -> None:
    """A request that AWS takes, and an answer of the same form that reads as the same properties."""
    kind = registry.kind(token)
    assert isinstance(kind, RegularKind)
    call = Call(cloud=CLOUD, inputs=inputs)
    params = kind.request(call, operation)
    _valid(kind.service, operation, params)
    answer = {**params, "LastDeploymentConfig": params.get("DeploymentConfig")}
    told = kind.answer({kind.inside: [answer]} if kind.inside else answer)
    assert told is not None
    assert api_parameters.properties(kind.schema.properties, told, kind.renames) == inputs


@pytest.mark.parametrize(
    ("service", "token", "operation", "renames", "inputs"),
    [
        (
            "lambda",
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            "create_event_source_mapping",
            {"destinationArn": "Destination"},
            {
                "functionName": "f",
                "eventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:q",
                "batchSize": 10,
                "filterCriteria": {"filters": [{"pattern": '{"a": 1}'}]},
                "functionResponseTypes": ["ReportBatchItemFailures"],
                "scalingConfig": {"maximumConcurrency": 5},
                "metricsConfig": {"metrics": ["EventCount"]},
                "destinationConfig": {"onFailure": {"destinationArn": "arn"}},
                "maximumBatchingWindowInSeconds": 1,
            },
        ),
        (
            "application-autoscaling",
            "aws:appautoscaling/policy:Policy",
            "put_scaling_policy",
            {"name": "PolicyName"},
            {**SCALING, "policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": TRACKING},
        ),
        (
            "application-autoscaling",
            "aws:appautoscaling/policy:Policy",
            "put_scaling_policy",
            {"name": "PolicyName"},  # a dimension's name is not the policy's
            {**SCALING, "policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": BACKLOG},
        ),
        (
            "application-autoscaling",
            "aws:appautoscaling/policy:Policy",
            "put_scaling_policy",
            {"name": "PolicyName"},
            {**SCALING, "policyType": "StepScaling", "stepScalingPolicyConfiguration": STEPS},
        ),
        (
            "lambda",
            "aws:lambda/alias:Alias",
            "create_alias",
            {},
            {
                "functionName": "f",
                "functionVersion": "1",
                "name": "live",
                "routingConfig": {"additionalVersionWeights": {"2": 0.5}},
            },
        ),
    ],
)
def test_other_structures_there_and_back(
    service: str, token: str, operation: str, renames: api_parameters.Renames, inputs: dict[str, Any]
) -> None:
    """The same for types with calls of their own."""
    params = api_parameters.parameters(CLOUD.client(service), operation, inputs, renames)
    _valid(service, operation, params)
    assert api_parameters.properties(registry.kind(token).schema.properties, params, renames) == inputs


def test_what_is_not_told() -> None:
    """Empty texts, lists and objects count as not told; times become texts."""
    types = {"a": "str", "b": "[str]", "c": "{str}", "d": "str", "e": "int", "f": "bool"}
    noon = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
    answer = {"A": "", "B": [], "C": {}, "D": noon, "E": "5", "F": "true", "G": "other"}
    assert api_parameters.properties(types, answer, {}) == {"d": "2026-01-02T12:00:00Z", "e": 5, "f": True}


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("work-2026112406122824171ce83315", "work-"),
        ("work-2026112406122824171ce83315.fifo", "work-"),
        ("work-1234567", ""),
        ("2026112406122824171ce83315", ""),
    ],
)
def test_prefixes_are_read_from_names(name: str, prefix: str) -> None:
    """No API knows them."""
    assert prefix_of(name) == prefix


def _valid(service: str, operation: str, params: dict[str, Any]) -> None:
    report = ParamValidator().validate(params, api_parameters.input_shape(CLOUD.client(service), operation))
    assert not report.has_errors(), report.generate_report()
