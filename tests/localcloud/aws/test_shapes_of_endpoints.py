"""Serverless and asynchronous endpoints: what each refuses, and which cannot become which."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import MODEL_IMAGE, eventually, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

SERVICE = "sagemaker.amazonaws.com"
SERVERLESS: dict[str, Any] = {"MemorySizeInMB": 2048, "MaxConcurrency": 5, "ProvisionedConcurrency": 1}
INSTANCES: dict[str, Any] = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
OUTPUT: dict[str, Any] = {"OutputConfig": {"S3OutputPath": "s3://bucket/output"}}
CAPTURE: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def model(cloud: Cloud, **options: Any) -> str:
    """Create a model and return its name."""
    name = unique("model")
    cloud("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=cloud.role(service=SERVICE),
        PrimaryContainer={"Image": MODEL_IMAGE},
        **options,
    )
    return name


def config(cloud: Cloud, variant: dict[str, Any], count: int = 1, named: str = "", **options: Any) -> str:
    """Create an endpoint configuration and return its name."""
    name, served = unique("config"), named or model(cloud)
    variants = [{"VariantName": f"v{index}", "ModelName": served, **variant} for index in range(count)]
    cloud("sagemaker").create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **options)
    return name


def endpoint(cloud: Cloud, configuration: str) -> str:
    """Create an endpoint, wait until it is in service, return its name."""
    client, name = cloud("sagemaker"), unique("endpoint")
    client.create_endpoint(EndpointName=name, EndpointConfigName=configuration)
    eventually(lambda: client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
    return name


def test_a_serverless_endpoint_is_read_back(cloud: Cloud) -> None:
    """With its settings as the current ones."""
    name = endpoint(cloud, config(cloud, {"ServerlessConfig": SERVERLESS}))
    found = cloud("sagemaker").describe_endpoint(EndpointName=name)["ProductionVariants"][0]
    assert found["CurrentServerlessConfig"] == SERVERLESS


def test_more_at_once_than_allowed_is_throttled(cloud: Cloud) -> None:
    """By a serverless endpoint, with 429; what was let in is answered."""
    name = endpoint(cloud, config(cloud, {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 2}}))
    answers: list[int] = []

    def ask() -> None:
        client = cloud.client("sagemaker-runtime", key="test", secret="test")
        try:
            got: dict[str, Any] = client.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=b"0")
        except ClientError as error:
            got = {**error.response}
        answers.append(got["ResponseMetadata"]["HTTPStatusCode"])

    cloud.control("settings", {"model_latency_ms": 1000})
    try:
        threads = [threading.Thread(target=ask) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        cloud.control("settings", {"model_latency_ms": 0})
    assert sorted(answers) == [200, 200, 429, 429, 429]


@pytest.mark.parametrize(
    ("change", "count", "options", "reason"),
    [
        ({"MemorySizeInMB": 1500}, 1, {}, "MemorySizeInMB has to be one of"),
        ({"MaxConcurrency": 201}, 1, {}, "MaxConcurrency has to be between 1 and 200"),
        ({"ProvisionedConcurrency": 6}, 1, {}, r"between 1 and MaxConcurrency \(5\)"),
        ({}, 2, {}, "Multiple production variants are not supported for Serverless"),
        ({}, 1, {"DataCaptureConfig": CAPTURE}, "DataCaptureConfig is not supported for Serverless"),
        ({}, 1, {"AsyncInferenceConfig": OUTPUT}, "AsyncInferenceConfig is not supported for Serverless"),
    ],
)
def test_what_serverless_refuses(
    cloud: Cloud, change: dict[str, Any], count: int, options: dict[str, Any], reason: str
) -> None:
    """Sizes it does not come in, and features it lacks."""
    with pytest.raises(ClientError, match=f"ValidationException.*{reason}"):
        config(cloud, {"ServerlessConfig": SERVERLESS | change}, count, **options)


@pytest.mark.parametrize(
    "network",
    [{"EnableNetworkIsolation": True}, {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}],
)
def test_serverless_has_no_network_of_its_own(cloud: Cloud, network: dict[str, Any]) -> None:
    """Models that want one cannot be served so."""
    with pytest.raises(ClientError, match="not supported for Serverless"):
        config(cloud, {"ServerlessConfig": SERVERLESS}, named=model(cloud, **network))


def test_what_asynchronous_endpoints_refuse(cloud: Cloud) -> None:
    """More than one variant, and results that are not for S3."""
    with pytest.raises(ClientError, match="Multiple production variants are not supported"):
        config(cloud, INSTANCES, 2, AsyncInferenceConfig=OUTPUT)
    elsewhere = {"OutputConfig": {"S3OutputPath": "https://elsewhere/output"}}
    with pytest.raises(ClientError, match="S3OutputPath"):
        config(cloud, INSTANCES, AsyncInferenceConfig=elsewhere)
    with pytest.raises(ClientError, match="Either InstanceType or ServerlessConfig"):
        config(cloud, {})


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("instances", "serverless", "Cannot update the instance-based endpoint"),
        ("asynchronous", "instances", "AsyncInferenceConfig parameter cannot be removed"),
        ("instances", "asynchronous", "AsyncInferenceConfig parameter cannot be added"),
        ("serverless", "instances", ""),
    ],
)
def test_which_shape_can_become_which(cloud: Cloud, before: str, after: str, reason: str) -> None:
    """Only serverless can become instances; all else takes another endpoint."""
    shapes: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "asynchronous": (INSTANCES, {"AsyncInferenceConfig": OUTPUT}),
        "instances": (INSTANCES, {}),
        "serverless": ({"ServerlessConfig": SERVERLESS}, {}),
    }
    name = endpoint(cloud, config(cloud, shapes[before][0], **shapes[before][1]))
    other, client = config(cloud, shapes[after][0], **shapes[after][1]), cloud("sagemaker")
    if reason:
        with pytest.raises(ClientError, match=f"ValidationException.*{reason}"):
            client.update_endpoint(EndpointName=name, EndpointConfigName=other)
    else:
        client.update_endpoint(EndpointName=name, EndpointConfigName=other)
        assert "CurrentInstanceCount" in client.describe_endpoint(EndpointName=name)["ProductionVariants"][0]
