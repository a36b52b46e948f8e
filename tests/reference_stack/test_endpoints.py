"""The endpoint in each shape: model, role, scaling and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from components.async_endpoint import AsyncEndpoint, AsyncEndpointArgs
from components.hosting import HostingArgs
from components.instance_endpoint import InstanceEndpoint, InstanceEndpointArgs
from components.serverless_endpoint import ServerlessEndpoint, ServerlessEndpointArgs

from policypack.testing import program
from tests.reference_stack.component_fixtures import (
    ALARM,
    ALERTING,
    CHINA,
    HERE,
    IMAGE,
    KEY,
    POLICY,
    granted,
    only,
    statements,
    watched,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model import Resource, Stack

MODEL, ENDPOINT = "aws:sagemaker/model:Model", "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TARGET, SCALING = "aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy"
REPOSITORY = "arn:aws-cn:ecr:us-east-1:123456789012:repository/team/model"
LOGS = f"arn:aws-cn:logs:{HERE}:log-group:/aws/sagemaker/Endpoints/forecast:*"
KEYS = f"arn:aws-cn:kms:{HERE}:key/*"
LOADING = {
    "ecr:BatchCheckLayerAvailability": [REPOSITORY],
    "ecr:BatchGetImage": [REPOSITORY],
    "ecr:GetDownloadUrlForLayer": [REPOSITORY],
    "ecr:GetAuthorizationToken": ["*"],
    "logs:CreateLogStream": [LOGS],
    "logs:DescribeLogStreams": [LOGS],
    "logs:PutLogEvents": [LOGS],
    "cloudwatch:PutMetricData": ["*"],
}
"""What every model's role fetches and writes."""
ROLLBACK = [f"arn:aws-cn:cloudwatch:{HERE}:alarm:it-{name}-1a2b3c4" for name in ("fails", "slow")]


def hosting(**changed: Any) -> HostingArgs:
    """The arguments that all shapes have."""
    given: dict[str, Any] = {
        "aws_env": CHINA,
        "endpoint_name": "forecast",
        "image": IMAGE,
        "artefact": "s3://models/v1/model.tar.gz",
        "key_alias": "alias/it",
        "key_arn": KEY,
        "log_retention_days": 30,
        "alerting": ALERTING,
    }
    return HostingArgs(**(given | changed))


def instance(**changed: Any) -> Stack:
    """A real-time endpoint."""
    args = InstanceEndpointArgs(hosting=hosting(**changed), bucket_name="captured", min_instances=3, max_instances=7)
    return program(lambda: InstanceEndpoint("it", args))


def serverless(provisioned_concurrency: int = 0, **changed: Any) -> Stack:
    """A serverless endpoint."""
    args = ServerlessEndpointArgs(
        hosting=hosting(**changed), max_concurrency=9, provisioned_concurrency=provisioned_concurrency
    )
    return program(lambda: ServerlessEndpoint("it", args))


def asynchronous(**changed: Any) -> Stack:
    """An asynchronous endpoint."""
    args = AsyncEndpointArgs(hosting=hosting(**changed), bucket_name="batches", max_instances=5)
    return program(lambda: AsyncEndpoint("it", args))


SHAPES = (instance, serverless, asynchronous)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_model_has_one_image_and_one_artefact(shape: Callable[..., Stack]) -> None:
    """In every shape; without an artefact only the image."""
    container = only(shape(), MODEL).get("primaryContainer")
    assert container == {"image": IMAGE, "modelDataUrl": "s3://models/v1/model.tar.gz"}
    assert only(shape(artefact=None), MODEL).get("primaryContainer") == {"image": IMAGE}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_models_role_trusts_sagemaker_of_this_account_and_region(shape: Callable[..., Stack]) -> None:
    """AWS's condition against the confused deputy: a narrower ARN would break inference."""
    (trusted,) = statements(only(shape(), "aws:iam/role:Role"), "assumeRolePolicy")
    assert trusted == {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "210987654321"},
            "ArnLike": {"aws:SourceArn": f"arn:aws-cn:sagemaker:{HERE}:*"},
        },
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_the_log_group_is_created_before_the_endpoint(shape: Callable[..., Stack]) -> None:
    """SageMaker would create it without retention and encryption."""
    stack = shape()
    endpoint, logs = only(stack, ENDPOINT), only(stack, "aws:cloudwatch/logGroup:LogGroup")
    assert logs.get("name") == f"/aws/sagemaker/Endpoints/{endpoint.get('name')}"
    assert logs.urn in endpoint.dependencies


def test_the_role_of_a_serverless_model() -> None:
    """Only what loading the model needs; without an artefact neither S3 nor KMS."""
    artefact = {"s3:GetObject": ["arn:aws-cn:s3:::models/v1/model.tar.gz"], "kms:Decrypt": [KEYS]}
    assert granted(only(serverless(), POLICY)) == LOADING | artefact
    assert granted(only(serverless(artefact=None), POLICY)) == LOADING


def test_the_role_of_a_realtime_model() -> None:
    """In addition, data capture and the alarms of the deployment."""
    assert granted(only(instance(), POLICY)) == LOADING | {
        "s3:GetObject": ["arn:aws-cn:s3:::models/v1/model.tar.gz"],
        "s3:PutObject": ["arn:aws-cn:s3:::captured/captured/*"],
        "kms:Decrypt": [KEYS],
        "kms:GenerateDataKey": [KEYS],
        "cloudwatch:DescribeAlarms": ROLLBACK,
    }


def test_the_role_of_an_asynchronous_model() -> None:
    """In addition, input, output and failures under their prefixes, and the topics."""
    bucket = "arn:aws-cn:s3:::batches"
    assert granted(only(asynchronous(), POLICY)) == LOADING | {
        "s3:GetObject": ["arn:aws-cn:s3:::models/v1/model.tar.gz", f"{bucket}/input/*"],
        "s3:AbortMultipartUpload": [f"{bucket}/output/*", f"{bucket}/failures/*"],
        "s3:PutObject": [f"{bucket}/output/*", f"{bucket}/failures/*"],
        "sns:Publish": [f"arn:aws-cn:sns:{HERE}:it-{name}-1a2b3c4" for name in ("done", "failed")],
        "kms:Decrypt": [KEYS],
        "kms:GenerateDataKey": [KEYS],
        "cloudwatch:DescribeAlarms": ROLLBACK,
    }


def variant(stack: Stack) -> Resource:
    """The endpoint configuration, which has one variant."""
    found = only(stack, CONFIGURATION)
    assert len(found.get("productionVariants")) == 1
    return found


def test_a_realtime_endpoint_has_several_instances_and_data_capture() -> None:
    """Routing by least outstanding requests, and network isolation."""
    stack = instance()
    found = variant(stack)
    assert found.get("productionVariants[0].initialInstanceCount") == 3
    assert found.get("productionVariants[0].routingConfigs[0].routingStrategy") == "LEAST_OUTSTANDING_REQUESTS"
    capture = found.get("dataCaptureConfig")
    assert (capture["enableCapture"], capture["destinationS3Uri"]) == (True, "s3://captured/captured/")
    assert [option["captureMode"] for option in capture["captureOptions"]] == ["Input", "Output"]
    assert only(stack, MODEL).get("enableNetworkIsolation") is True


def test_a_new_version_starts_as_a_canary_and_is_rolled_back_on_alarms() -> None:
    """The alarms on errors and latency exist before the endpoint."""
    stack = instance()
    deployment = only(stack, ENDPOINT).get("deploymentConfig")
    routing = deployment["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]
    assert (routing["type"], routing["canarySize"]) == ("CANARY", {"type": "INSTANCE_COUNT", "value": 1})
    alarms = [alarm["alarmName"] for alarm in deployment["autoRollbackConfiguration"]["alarms"]]
    assert alarms == [only(stack, ALARM, f"it-{name}").get("name") for name in ("fails", "slow")]


def test_instances_scale_with_the_requests() -> None:
    """Within the bounds, with an alarm when the maximum does not suffice."""
    stack = instance()
    target, policy = only(stack, TARGET), only(stack, SCALING)
    assert target.get("resourceId") == "endpoint/forecast/variant/main"
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (3, 7)
    tracking = policy.get("targetTrackingScalingPolicyConfiguration")
    metric = tracking["predefinedMetricSpecification"]["predefinedMetricType"]
    assert (metric, tracking["targetValue"]) == ("SageMakerVariantInvocationsPerInstance", 1_000)
    assert watched(stack)["it-full"] == ("InvocationsPerInstance", 1_000)


def test_every_endpoint_has_alarms_on_errors_and_latency() -> None:
    """Rejected, failed and slow requests; latency in SageMaker's microseconds."""
    for shape in SHAPES:
        alarms = {
            name: watch
            for name, watch in ((alarm.name, alarm) for alarm in shape(slow_ms=250.0).of_type(ALARM))
            if name in {"it-refuses", "it-fails", "it-slow"}
        }
        assert len(alarms) == 3
        assert alarms["it-slow"].get("threshold") == 250_000
        assert alarms["it-slow"].get("extendedStatistic") == "p99"
        assert alarms["it-slow"].get("dimensions") == {"EndpointName": "forecast", "VariantName": "main"}


def test_a_serverless_endpoint_can_have_provisioned_concurrency() -> None:
    """Which scales up to the maximum concurrency."""
    stack = serverless(provisioned_concurrency=2)
    assert variant(stack).get("productionVariants[0].serverlessConfig.provisionedConcurrency") == 2
    target = only(stack, TARGET)
    assert target.get("scalableDimension") == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (2, 9)


def test_an_asynchronous_endpoint_notifies_about_every_batch() -> None:
    """Results and failures are encrypted objects, and both topics require TLS."""
    stack = asynchronous()
    output = variant(stack).get("asyncInferenceConfig.outputConfig")
    assert output["s3OutputPath"] == "s3://batches/output/"
    assert output["s3FailurePath"] == "s3://batches/failures/"
    topics = {topic.name: topic for topic in stack.of_type("aws:sns/topic:Topic")}
    assert set(topics) == {"it-done", "it-failed"}
    told = output["notificationConfig"]
    for name, arn in (("it-done", told["successTopic"]), ("it-failed", told["errorTopic"])):
        assert arn == f"arn:aws-cn:sns:{HERE}:{topics[name].get('name')}"
        (deny,) = statements(only(stack, "aws:sns/topicPolicy:TopicPolicy", name))
        assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")


def test_an_asynchronous_endpoint_scales_with_its_backlog() -> None:
    """Down to zero by target tracking, and up from zero by a step scaling policy."""
    stack = asynchronous()
    target, first = only(stack, TARGET), only(stack, SCALING, "it-first")
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (0, 5)
    metric = only(stack, SCALING).get("targetTrackingScalingPolicyConfiguration.customizedMetricSpecification")
    assert metric["metricName"] == "ApproximateBacklogSizePerInstance"
    assert first.get("stepScalingPolicyConfiguration.stepAdjustments[0].scalingAdjustment") == 1
    starter = only(stack, ALARM, "it-first")
    assert starter.get("metricName") == "HasBacklogWithoutCapacity"
    assert first.urn in starter.property_dependencies["alarmActions"]
    assert variant(stack).get("productionVariants[0].initialInstanceCount") == 1  # SageMaker's least to begin with
