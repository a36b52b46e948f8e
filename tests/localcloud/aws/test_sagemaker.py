"""Models, endpoint configurations and endpoints keep what they were told, and endpoints predict."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import MODEL_IMAGE, allow, eventually, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

SERVICE = "sagemaker.amazonaws.com"


def predictions(cloud: Cloud, name: str, body: bytes) -> list[float]:
    """Invoke an endpoint with CSV."""
    got = cloud("sagemaker-runtime").invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)
    assert got["ContentType"].startswith("text/csv")
    return [float(one) for one in got["Body"].read().decode().split("\n")]


def test_one_prediction_a_row(cloud: Cloud) -> None:
    """The documented logistic regression, however many rows."""
    name = cloud.endpoint()
    found = predictions(cloud, name, b"1.0,2.0,3.0,4.0\n0,0,0,0\n")
    expected = [0.1 + 0.5 - 0.5 + 2.25 - 2.0, 0.1]
    assert found == pytest.approx([1 / (1 + math.exp(-one)) for one in expected])
    assert len(predictions(cloud, name, b"\n".join([b"1,2,3,4"] * 1000))) == 1000
    got = cloud("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, ContentType="text/csv", Accept="application/json", Body=b"0,0"
    )
    assert json.loads(got["Body"].read())["predictions"][0]["score"] == pytest.approx(found[1])
    assert got["InvokedProductionVariant"] == "all"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/csv", b"one,two", 400),
        ("text/csv", b"", 400),
        ("text/csv", b"nan,1", 400),
        ("application/json", b"[1]", 415),
    ],
)
def test_what_the_model_refuses(cloud: Cloud, content_type: str, body: bytes, status: int) -> None:
    """A model error with the container's status."""
    with pytest.raises(ClientError, match="ModelError") as caught:
        cloud("sagemaker-runtime").invoke_endpoint(EndpointName=cloud.endpoint(), ContentType=content_type, Body=body)
    answer: dict[str, Any] = {**caught.value.response}
    assert answer["OriginalStatusCode"] == status
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424


def test_an_endpoint_that_does_not_exist(cloud: Cloud) -> None:
    """4xx, both when invoked and when described."""
    with pytest.raises(ClientError, match=r"ValidationError.*Endpoint nobody of account 123456789012 not found"):
        predictions(cloud, "nobody", b"1")
    with pytest.raises(ClientError, match=r"ValidationException.*Could not find endpoint"):
        cloud("sagemaker").describe_endpoint(EndpointName="nobody")


def test_an_instance_endpoint_is_read_back(cloud: Cloud) -> None:
    """Model, configuration and endpoint, as they were sent; then another configuration deployed."""
    client, name = cloud("sagemaker"), unique("full")
    bucket = unique("artefacts")
    cloud("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    cloud("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=b"model")
    role = cloud.role(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"), service=SERVICE)
    container = {
        "Image": MODEL_IMAGE,
        "Mode": "SingleModel",
        "ModelDataUrl": f"s3://{bucket}/model.tar.gz",
        "Environment": {"LEVEL": "1"},
    }
    model = {
        "ExecutionRoleArn": role,
        "EnableNetworkIsolation": True,
        "PrimaryContainer": container,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    }
    created = client.create_model(ModelName=name, Tags=[{"Key": "owner", "Value": "me"}], **model)
    assert model.items() <= client.describe_model(ModelName=name).items()
    assert client.list_tags(ResourceArn=created["ModelArn"])["Tags"] == [{"Key": "owner", "Value": "me"}]

    config: dict[str, Any] = {
        "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/a",
        "ProductionVariants": [
            {
                "VariantName": "main",
                "ModelName": name,
                "InstanceType": "ml.m7i.large",
                "InitialInstanceCount": 2,
                "InitialVariantWeight": 1.0,
                "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
            }
        ],
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{bucket}/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
        },
    }
    for each in (name, f"{name}-2"):
        client.create_endpoint_config(EndpointConfigName=each, **config)
    assert config.items() <= client.describe_endpoint_config(EndpointConfigName=name).items()

    canary = {"Type": "CANARY", "WaitIntervalInSeconds": 60, "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10}}
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": canary, "TerminationWaitInSeconds": 0},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    cloud.control("settings", {"endpoint_seconds": 1})
    client.create_endpoint(EndpointName=name, EndpointConfigName=name, DeploymentConfig=deployment)
    assert client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Creating"
    client.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1})
    found = client.describe_endpoint(EndpointName=name)
    assert found["LastDeploymentConfig"] == deployment
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert found["DataCaptureConfig"]["CaptureStatus"] == "Started"

    client.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-2", RetainDeploymentConfig=True)
    assert client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Updating"
    assert predictions(cloud, name, b"0")  # it goes on answering
    cloud.control("settings", {"endpoint_seconds": 0.2})
    eventually(lambda: client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
    found = client.describe_endpoint(EndpointName=name)
    assert (found["EndpointConfigName"], found["LastDeploymentConfig"]) == (f"{name}-2", deployment)

    client.add_tags(ResourceArn=found["EndpointArn"], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    client.delete_tags(ResourceArn=found["EndpointArn"], TagKeys=["a"])
    assert client.list_tags(ResourceArn=found["EndpointArn"])["Tags"] == [{"Key": "b", "Value": "2"}]
    assert name in {one["EndpointName"] for one in client.list_endpoints(NameContains="full")["Endpoints"]}
    client.delete_endpoint(EndpointName=name)
    for each in (name, f"{name}-2"):
        client.delete_endpoint_config(EndpointConfigName=each)
    client.delete_model(ModelName=name)
    for kind, operation in (("Endpoint", "endpoint"), ("EndpointConfig", "endpoint_config"), ("Model", "model")):
        with pytest.raises(ClientError, match=r"ValidationException.*Could not find"):
            client.list_tags(ResourceArn=created["ModelArn"])
        with pytest.raises(ClientError, match=r"ValidationException.*Could not find"):
            getattr(client, f"describe_{operation}")(**{f"{kind}Name": name})


def test_what_sagemaker_refuses(cloud: Cloud) -> None:
    """A role it may not assume, an artefact it may not read, a model and a configuration that are not there."""
    client = cloud("sagemaker")
    trusted, stranger = cloud.role(service=SERVICE), cloud.role()

    def model(role: str, **container: str) -> None:
        client.create_model(
            ModelName=unique("model"), ExecutionRoleArn=role, PrimaryContainer={"Image": MODEL_IMAGE, **container}
        )

    with pytest.raises(ClientError, match="Could not assume role"):
        model(stranger)
    with pytest.raises(ClientError, match="Could not access model data"):
        model(trusted, ModelDataUrl="s3://no-such-bucket/model.tar.gz")
    variant = {"VariantName": "a", "ModelName": "nobody", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    with pytest.raises(ClientError, match="Could not find model"):
        client.create_endpoint_config(EndpointConfigName=unique("config"), ProductionVariants=[variant])
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        client.create_endpoint(EndpointName=unique("endpoint"), EndpointConfigName="nobody")


def test_a_trust_that_names_this_account_is_enough(cloud: Cloud) -> None:
    """The documented guard against confused deputies works; one that names a single model does not."""
    iam, client = cloud("iam"), cloud("sagemaker")

    def model(source: str) -> None:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": SERVICE},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "123456789012"},
                "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:eu-west-1:123456789012:{source}"},
            },
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=document)["Role"]["Arn"]
        client.create_model(ModelName=unique("model"), ExecutionRoleArn=role, PrimaryContainer={"Image": MODEL_IMAGE})

    model("*")
    with pytest.raises(ClientError, match="Could not assume role"):
        model("model/one")
