"""The endpoint in each of its shapes: what answers, what it may do, how it scales, and when somebody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from components.async_endpoint import AsyncEndpoint, AsyncEndpointArgs
from components.hosting import HostingArgs
from components.instance_endpoint import InstanceEndpoint, InstanceEndpointArgs
from components.serverless_endpoint import ServerlessEndpoint, ServerlessEndpointArgs

from policypack.testing import program
from tests.reference_stack.parts import (
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
    """What all shapes have."""
    given: dict[str, Any] = {
        "place": CHINA,
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
    """An endpoint on instances."""
    args = InstanceEndpointArgs(hosting=hosting(**changed), bucket_name="captured", least=3, most=7)
    return program(lambda: InstanceEndpoint("it", args))


def serverless(warm: int = 0, **changed: Any) -> Stack:
    """A serverless endpoint."""
    args = ServerlessEndpointArgs(hosting=hosting(**changed), most_concurrency=9, warm=warm)
    return program(lambda: ServerlessEndpoint("it", args))


def later(**changed: Any) -> Stack:
    """An endpoint that answers later."""
    args = AsyncEndpointArgs(hosting=hosting(**changed), bucket_name="batches", most=5)
    return program(lambda: AsyncEndpoint("it", args))


SHAPES = (instance, serverless, later)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_model_is_one_image_and_one_artefact(shape: Callable[..., Stack]) -> None:
    """In whatever shape."""
    container = only(shape(), MODEL).get("primaryContainer")
    assert container == {"image": IMAGE, "modelDataUrl": "s3://models/v1/model.tar.gz"}
    assert only(shape(artefact=None), MODEL).get("primaryContainer") == {"image": IMAGE}


@pytest.mark.parametrize("shape", SHAPES)
def test_only_sagemaker_of_this_account_and_region_takes_on_the_models_role(shape: Callable[..., Stack]) -> None:
    """AWS's form against the confused deputy: any narrower ARN would break inference."""
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
def test_the_log_group_of_an_endpoint_is_there_before_the_endpoint(shape: Callable[..., Stack]) -> None:
    """SageMaker would make one without an end and without the key."""
    stack = shape()
    endpoint, logs = only(stack, ENDPOINT), only(stack, "aws:cloudwatch/logGroup:LogGroup")
    assert logs.get("name") == f"/aws/sagemaker/Endpoints/{endpoint.get('name')}"
    assert logs.urn in endpoint.dependencies


def test_a_serverless_models_role_loads_the_model() -> None:
    """And nothing else; without an artefact in a bucket it needs neither S3 nor the key."""
    artefact = {"s3:GetObject": ["arn:aws-cn:s3:::models/v1/model.tar.gz"], "kms:Decrypt": [KEYS]}
    assert granted(only(serverless(), POLICY)) == LOADING | artefact
    assert granted(only(serverless(artefact=None), POLICY)) == LOADING


def test_an_instances_role_captures_and_watches_the_alarms_that_take_it_back() -> None:
    """Beyond loading the model."""
    assert granted(only(instance(), POLICY)) == LOADING | {
        "s3:GetObject": ["arn:aws-cn:s3:::models/v1/model.tar.gz"],
        "s3:PutObject": ["arn:aws-cn:s3:::captured/captured/*"],
        "kms:Decrypt": [KEYS],
        "kms:GenerateDataKey": [KEYS],
        "cloudwatch:DescribeAlarms": ROLLBACK,
    }


def test_a_later_answers_role_reads_batches_writes_answers_and_tells_of_them() -> None:
    """Each under its own prefix."""
    bucket = "arn:aws-cn:s3:::batches"
    assert granted(only(later(), POLICY)) == LOADING | {
        "s3:GetObject": ["arn:aws-cn:s3:::models/v1/model.tar.gz", f"{bucket}/input/*"],
        "s3:AbortMultipartUpload": [f"{bucket}/output/*", f"{bucket}/failures/*"],
        "s3:PutObject": [f"{bucket}/output/*", f"{bucket}/failures/*"],
        "sns:Publish": [f"arn:aws-cn:sns:{HERE}:it-{name}-1a2b3c4" for name in ("done", "failed")],
        "kms:Decrypt": [KEYS],
        "kms:GenerateDataKey": [KEYS],
        "cloudwatch:DescribeAlarms": ROLLBACK,
    }


def variant(stack: Stack) -> Resource:
    """The configuration of the endpoint, which has one variant."""
    found = only(stack, CONFIGURATION)
    assert len(found.get("productionVariants")) == 1
    return found


def test_an_endpoint_on_instances_survives_the_loss_of_one() -> None:
    """Requests go where the fewest are in flight; what goes in and out is captured; nothing else leaves it."""
    stack = instance()
    found = variant(stack)
    assert found.get("productionVariants[0].initialInstanceCount") == 3
    assert found.get("productionVariants[0].routingConfigs[0].routingStrategy") == "LEAST_OUTSTANDING_REQUESTS"
    capture = found.get("dataCaptureConfig")
    assert (capture["enableCapture"], capture["destinationS3Uri"]) == (True, "s3://captured/captured/")
    assert [option["captureMode"] for option in capture["captureOptions"]] == ["Input", "Output"]
    assert only(stack, MODEL).get("enableNetworkIsolation") is True


def test_a_new_version_goes_to_one_instance_first_and_is_taken_back_on_alarm() -> None:
    """The alarms are there before the endpoint, and tell of failing and of slow answers."""
    stack = instance()
    deployment = only(stack, ENDPOINT).get("deploymentConfig")
    routing = deployment["blueGreenUpdatePolicy"]["trafficRoutingConfiguration"]
    assert (routing["type"], routing["canarySize"]) == ("CANARY", {"type": "INSTANCE_COUNT", "value": 1})
    alarms = [alarm["alarmName"] for alarm in deployment["autoRollbackConfiguration"]["alarms"]]
    assert alarms == [only(stack, ALARM, f"it-{name}").get("name") for name in ("fails", "slow")]


def test_instances_follow_the_requests() -> None:
    """Between the bounds, and an alarm when there can be no more of them."""
    stack = instance()
    target, policy = only(stack, TARGET), only(stack, SCALING)
    assert target.get("resourceId") == "endpoint/forecast/variant/main"
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (3, 7)
    tracking = policy.get("targetTrackingScalingPolicyConfiguration")
    metric = tracking["predefinedMetricSpecification"]["predefinedMetricType"]
    assert (metric, tracking["targetValue"]) == ("SageMakerVariantInvocationsPerInstance", 1_000)
    assert watched(stack)["it-full"] == ("InvocationsPerInstance", 1_000)


def test_every_endpoint_says_when_it_fails() -> None:
    """Refused, failed and slow; the latter in SageMaker's microseconds."""
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


def test_a_serverless_endpoint_keeps_some_capacity_warm_where_it_is_told_to() -> None:
    """And more of it while there is more to do."""
    stack = serverless(warm=2)
    assert variant(stack).get("productionVariants[0].serverlessConfig.provisionedConcurrency") == 2
    target = only(stack, TARGET)
    assert target.get("scalableDimension") == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (2, 9)


def test_an_endpoint_that_answers_later_tells_of_every_batch() -> None:
    """Answers and failures go to the bucket, under the key, and both topics are closed."""
    stack = later()
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


def test_an_endpoint_that_answers_later_has_instances_only_while_there_is_a_backlog() -> None:
    """Down to none by the backlog of one, and up from none by a policy of its own."""
    stack = later()
    target, first = only(stack, TARGET), only(stack, SCALING, "it-first")
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (0, 5)
    metric = only(stack, SCALING).get("targetTrackingScalingPolicyConfiguration.customizedMetricSpecification")
    assert metric["metricName"] == "ApproximateBacklogSizePerInstance"
    assert first.get("stepScalingPolicyConfiguration.stepAdjustments[0].scalingAdjustment") == 1
    starter = only(stack, ALARM, "it-first")
    assert starter.get("metricName") == "HasBacklogWithoutCapacity"
    assert first.urn in starter.property_dependencies["alarmActions"]
    assert variant(stack).get("productionVariants[0].initialInstanceCount") == 1  # SageMaker's least to begin with
