"""Asynchronous endpoints: input and output in S3, notifications, all under the model's role."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.calling_function import ACCOUNT
from tests.localcloud.aws.cloud import MODEL_IMAGE, allow, document, eventually, unique

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localcloud.aws.calling_function import CallingFunction
    from tests.localcloud.aws.cloud import Cloud


@dataclass
class Endpoint:
    """An asynchronous endpoint with its bucket, its topics and a queue that hears both."""

    cloud: Cloud
    name: str
    bucket: str
    role: str
    topics: dict[str, str]
    heard: str

    def ask(self, body: str, **options: Any) -> dict[str, Any]:
        """Put a request into the bucket and invoke with it."""
        key = f"input/{unique('request')}"
        self.cloud("s3").put_object(Bucket=self.bucket, Key=key, Body=body.encode())
        answer: dict[str, Any] = self.cloud("sagemaker-runtime").invoke_endpoint_async(
            EndpointName=self.name, InputLocation=f"s3://{self.bucket}/{key}", ContentType="text/csv", **options
        )
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        return answer

    def told(self) -> dict[str, Any]:
        """Wait for a notification."""
        got = self.cloud("sqs").receive_message(QueueUrl=self.heard, WaitTimeSeconds=10)["Messages"][0]
        self.cloud("sqs").delete_message(QueueUrl=self.heard, ReceiptHandle=got["ReceiptHandle"])
        found: dict[str, Any] = json.loads(got["Body"])
        return found

    def grants(self, *left_out: str) -> list[dict[str, Any]]:
        """Return all that its role needs, but for some actions."""
        wanted: dict[str, str | list[str]] = {
            "s3:GetObject": f"arn:aws:s3:::{self.bucket}/input/*",
            "s3:PutObject": f"arn:aws:s3:::{self.bucket}/output/*",
            "sns:Publish": [self.topics["SuccessTopic"], self.topics["ErrorTopic"]],
        }
        return [allow(action, where) for action, where in wanted.items() if action not in left_out]

    def object(self, place: str) -> bytes:
        """Read an object by its URI."""
        bucket, _, key = place.removeprefix("s3://").partition("/")
        return bytes(self.cloud("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


@pytest.fixture
def endpoint(cloud: Cloud) -> Iterator[Endpoint]:
    """Make one whose role may do all it needs; faults and settings are as before at the end."""
    client, name = cloud("sagemaker"), unique("async")
    cloud("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    role = cloud.role(service="sagemaker.amazonaws.com")
    url, queue = cloud.queue()
    topics = {kind: cloud("sns").create_topic(Name=unique(kind))["TopicArn"] for kind in ("SuccessTopic", "ErrorTopic")}
    policy = allow("sqs:SendMessage", queue, Principal={"Service": "sns.amazonaws.com"})
    cloud("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(policy)})
    for topic in topics.values():
        cloud("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"}
        )
    client.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": MODEL_IMAGE})
    output = {"S3OutputPath": f"s3://{name}/output", "S3FailurePath": f"s3://{name}/output/failed"}
    variant = {"VariantName": "main", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[variant],
        AsyncInferenceConfig={
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2},
            "OutputConfig": {**output, "NotificationConfig": topics},
        },
    )
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    eventually(lambda: client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
    one = Endpoint(cloud, name, name, role, topics, url)
    cloud.grant(role, *one.grants())
    yield one
    cloud.control("faults", method="DELETE")
    cloud.control("settings", {"model_latency_ms": 0})


def test_the_result_is_in_the_bucket(endpoint: Endpoint) -> None:
    """One prediction a row, and a notification that says where."""
    answer = endpoint.ask("0,0,0,0\n1,2,3,4", InferenceId="batch-1")
    told = endpoint.told()
    assert answer["InferenceId"] == told["inferenceId"] == "batch-1"
    assert told["invocationStatus"] == "Completed"
    assert told["responseParameters"]["outputLocation"] == answer["OutputLocation"]
    assert told["requestParameters"]["endpointName"] == endpoint.name
    assert len([float(one) for one in endpoint.object(answer["OutputLocation"]).decode().split("\n")]) == 2


@pytest.mark.parametrize("fault", [None, {"service": "sagemaker", "action": "InvokeEndpoint", "status": 500}])
def test_what_fails_is_told(endpoint: Endpoint, fault: dict[str, Any] | None) -> None:
    """What the model refuses, and what a broken model refuses: at the error topic, with the reason in the bucket."""
    if fault is not None:
        endpoint.cloud.control("faults", fault)
    answer = endpoint.ask("0,0,0,0" if fault else "no, numbers")
    told = endpoint.told()
    assert (told["invocationStatus"], told["inferenceId"]) == ("Failed", answer["InferenceId"])
    assert ("server error (500)" if fault else "client error (400)") in told["failureReason"]
    assert endpoint.object(answer["FailureLocation"]).decode() == told["failureReason"]
    with pytest.raises(ClientError, match="NoSuchKey"):
        endpoint.object(answer["OutputLocation"])


def test_it_acts_with_the_role_of_its_model(endpoint: Endpoint, cloud: Cloud) -> None:
    """Without the permission to read, the caller hears of it; without the one to publish, nobody does."""
    cloud.grant(endpoint.role, *endpoint.grants("s3:GetObject"))
    endpoint.ask("0")
    assert "AccessDenied" in endpoint.told()["failureReason"]
    cloud.grant(endpoint.role, *endpoint.grants("sns:Publish"))
    answer = endpoint.ask("0")
    eventually(lambda: _is_there(endpoint, answer["OutputLocation"]))
    assert "Messages" not in cloud("sqs").receive_message(QueueUrl=endpoint.heard, WaitTimeSeconds=1)


def _is_there(endpoint: Endpoint, place: str) -> bool:
    try:
        return bool(endpoint.object(place))
    except endpoint.cloud("s3").exceptions.NoSuchKey:
        return False


def test_customer_keys_are_asked_for(endpoint: Endpoint, cloud: Cloud) -> None:
    """Of what the bucket encrypts with, and of what the topic does."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    by_default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    cloud("s3").put_bucket_encryption(Bucket=endpoint.bucket, ServerSideEncryptionConfiguration={"Rules": [by_default]})
    endpoint.ask("0")
    assert "kms:Decrypt" in endpoint.told()["failureReason"]
    through = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    cloud.grant(endpoint.role, *endpoint.grants(), allow("kms:Decrypt", key, Condition=through))
    endpoint.ask("0")
    assert "kms:GenerateDataKey" in endpoint.told()["failureReason"]
    both = allow(["kms:Decrypt", "kms:GenerateDataKey"], key, Condition=through)
    cloud.grant(endpoint.role, *endpoint.grants(), both)
    endpoint.ask("0")
    assert endpoint.told()["invocationStatus"] == "Completed"
    topic = {"TopicArn": endpoint.topics["SuccessTopic"], "AttributeName": "KmsMasterKeyId", "AttributeValue": key}
    cloud("sns").set_topic_attributes(**topic)
    endpoint.ask("0")
    assert endpoint.told()["invocationStatus"] == "Failed"  # the success could not be told
    cloud.grant(endpoint.role, *endpoint.grants(), allow(["kms:Decrypt", "kms:GenerateDataKey"], key))
    endpoint.ask("0")
    assert endpoint.told()["invocationStatus"] == "Completed"


def test_requests_wait_for_an_instance(endpoint: Endpoint, cloud: Cloud) -> None:
    """While it is scaled to zero nothing happens; then all of it does."""
    scaled = {"VariantName": "main", "DesiredInstanceCount": 0}
    cloud("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=endpoint.name, DesiredWeightsAndCapacities=[scaled]
    )
    asked = {endpoint.ask("0")["InferenceId"] for _ in range(5)}
    assert "Messages" not in cloud("sqs").receive_message(QueueUrl=endpoint.heard, WaitTimeSeconds=1)
    cloud("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=endpoint.name, DesiredWeightsAndCapacities=[scaled | {"DesiredInstanceCount": 1}]
    )
    assert {endpoint.told()["inferenceId"] for _ in range(5)} == asked


def test_a_request_that_takes_too_long(endpoint: Endpoint, cloud: Cloud) -> None:
    """Fails after as long as its caller gave it."""
    cloud.control("settings", {"model_latency_ms": 30_000})
    endpoint.ask("0", InvocationTimeoutSeconds=1)
    assert endpoint.told()["failureReason"] == "The invocation took longer than it may"


def test_who_may_invoke_and_how(endpoint: Endpoint, cloud: Cloud, actor: CallingFunction) -> None:
    """Its own action on the endpoint; and each kind of endpoint in its own way only."""
    asked = {"EndpointName": endpoint.name, "InputLocation": f"s3://{endpoint.bucket}/input/x"}
    target = ACCOUNT.format("sagemaker", f"endpoint/{endpoint.name}")
    actor.grant(allow("sagemaker:InvokeEndpoint", target))
    assert actor.call("sagemaker-runtime", "invoke_endpoint_async", **asked) == "AccessDeniedException"
    actor.grant(allow("sagemaker:InvokeEndpointAsync", target))
    assert actor.call("sagemaker-runtime", "invoke_endpoint_async", **asked) == "allowed"
    with pytest.raises(ClientError, match=r"ValidationError.*synchronous"):
        cloud("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint.name, ContentType="text/csv", Body=b"0")
    with pytest.raises(ClientError, match=r"ValidationError.*asynchronous"):
        cloud("sagemaker-runtime").invoke_endpoint_async(**asked | {"EndpointName": cloud.endpoint()})
    with pytest.raises(ClientError, match=r"ValidationError.*InputLocation"):
        cloud("sagemaker-runtime").invoke_endpoint_async(**asked | {"InputLocation": "https://elsewhere/x"})
