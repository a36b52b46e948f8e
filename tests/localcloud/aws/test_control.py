"""Faults, settings and health: the control surface of the local AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.localcloud.aws.cloud import unique

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localcloud.aws.cloud import Cloud


@pytest.fixture(autouse=True)
def _calm(cloud: Cloud) -> Iterator[None]:
    """End all faults and restore the settings after each test."""
    before = cloud.control("settings")
    yield
    cloud.control("faults", method="DELETE")
    cloud.control("settings", before)


def test_a_model_that_fails_for_a_while(cloud: Cloud) -> None:
    """As many requests as were asked for, then all is well; the rest of SageMaker was never hit."""
    name, runtime = cloud.endpoint(), cloud("sagemaker-runtime")
    fault = {"service": "sagemaker", "action": "InvokeEndpoint", "status": 500, "code": "InternalFailure", "times": 2}
    cloud.control("faults", fault)
    for _ in range(2):
        cloud("sagemaker").describe_endpoint(EndpointName=name)
        with pytest.raises(ClientError, match="InternalFailure"):
            runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=b"1")
    assert runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=b"1")["Body"].read()
    assert cloud.control("faults") == []


def test_a_container_that_fails(cloud: Cloud) -> None:
    """The model's own error, with its own status beside SageMaker's."""
    name = cloud.endpoint()
    cloud.control(
        "faults", {"service": "sagemaker", "action": "InvokeEndpoint", "status": 424, "code": "ModelError", "times": 1}
    )
    with pytest.raises(ClientError, match="ModelError") as caught:
        cloud("sagemaker-runtime").invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=b"1")
    answer: dict[str, Any] = {**caught.value.response}
    assert (answer["OriginalStatusCode"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (500, 424)


def test_a_bucket_that_is_busy(cloud: Cloud) -> None:
    """In the form that S3 answers in."""
    cloud.control("faults", {"service": "s3", "status": 503, "code": "SlowDown", "times": 1})
    with pytest.raises(ClientError, match="SlowDown"):
        cloud("s3").list_buckets()
    assert "Buckets" in cloud("s3").list_buckets()


def test_a_model_that_takes_longer_than_the_caller_waits(cloud: Cloud) -> None:
    """The latency is the model's: the caller runs into its own timeout."""
    name = cloud.endpoint()
    cloud.control("settings", {"model_latency_ms": 60_000})
    impatient = cloud.client("sagemaker-runtime", key="test", secret="test", read_timeout=0.2)
    with pytest.raises(ReadTimeoutError):
        impatient.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=b"1")


def test_a_table_that_throttles(cloud: Cloud) -> None:
    """With DynamoDB's own code, one operation only, until the fault is cleared."""
    table = cloud.table()
    code = "ProvisionedThroughputExceededException"
    cloud.control("faults", {"service": "dynamodb", "action": "PutItem", "status": 400, "code": code})
    with pytest.raises(ClientError, match=code):
        cloud("dynamodb").put_item(TableName=table, Item={"id": {"S": "1"}})
    assert cloud.items(table) == []
    assert cloud.control("faults")[0]["hits"] == 1
    cloud.control("faults", method="DELETE")
    cloud("dynamodb").put_item(TableName=table, Item={"id": {"S": "1"}})


def test_a_transaction_that_is_throttled_in_the_middle(cloud: Cloud) -> None:
    """The error says which of its operations was the cause."""
    reasons = [{"Code": "None"}, {"Code": "ThrottlingError", "Message": "Throughput exceeds the current capacity"}]
    fault = {"service": "dynamodb", "action": "TransactWriteItems", "status": 400, "times": 1}
    cloud.control(
        "faults", fault | {"code": "TransactionCanceledException", "details": {"CancellationReasons": reasons}}
    )
    table = cloud.table()
    puts = [{"Put": {"TableName": table, "Item": {"id": {"S": name}}}} for name in "ab"]
    with pytest.raises(ClientError, match="TransactionCanceled") as caught:
        cloud("dynamodb").transact_write_items(TransactItems=puts)
    assert {**caught.value.response}["CancellationReasons"] == reasons
    assert cloud.items(table) == []


def test_a_fault_ends_by_itself(cloud: Cloud) -> None:
    """Once its seconds are over."""
    fault = {"service": "sqs", "action": "CreateQueue", "status": 400}
    cloud.control("faults", fault | {"for_s": 60})
    with pytest.raises(ClientError):
        cloud.queue()
    cloud.control("faults", method="DELETE")
    cloud.control("faults", fault | {"for_s": 0.001})
    assert cloud.queue()
    assert cloud.control("faults") == []


def test_a_slow_queue_still_answers(cloud: Cloud) -> None:
    """Latency without an error."""
    url, _ = cloud.queue()
    cloud.control("faults", {"service": "sqs", "action": "SendMessage", "latency_ms": 5})
    cloud("sqs").send_message(QueueUrl=url, MessageBody="x")
    assert cloud.control("faults")[0]["hits"] == 1


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("settings", {"no_such": 1}, "no setting 'no_such'; there are"),
        ("settings", {"model_latency_ms": -1}, "has to be a number of at least 0"),
        ("settings", {"model_latency_ms": "fast"}, "has to be a number of at least 0"),
        ("settings", {"model_latency_ms": 1, "no_such": 1}, "no setting"),
        ("settings", {"deliveries": 0}, "has to be a number of at least 1"),
        ("faults", {"status": 500}, "service"),
        ("faults", {"service": "sqs", "when": "now"}, "when"),
        ("nothing", {}, "there is no POST"),
    ],
)
def test_what_the_control_surface_refuses(cloud: Cloud, path: str, body: dict[str, Any], message: str) -> None:
    """With a reason, and nothing changed."""
    before = cloud.control("settings")
    with pytest.raises(HTTPError) as caught:
        cloud.control(path, body)
    assert message in json.load(caught.value)["message"]
    assert (cloud.control("settings"), cloud.control("faults")) == (before, [])


def test_an_operation_nobody_has(cloud: Cloud) -> None:
    """Says so at once, in a way that clients do not try again."""
    with pytest.raises(ClientError, match="NotImplemented") as caught:
        cloud("xray").get_insight(InsightId="12345678-1234-1234-1234-123456789012")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_everything_is_in_one_account_and_region(cloud: Cloud) -> None:
    """The account's number is in every ARN, whichever library made it."""
    arns = [
        cloud("sts").get_caller_identity()["Arn"],
        cloud("sns").create_topic(Name=unique("topic"))["TopicArn"],
        cloud("application-autoscaling").register_scalable_target(
            ServiceNamespace="dynamodb",
            ResourceId="table/t",
            ScalableDimension="dynamodb:table:ReadCapacityUnits",
            MinCapacity=1,
            MaxCapacity=2,
        )["ScalableTargetARN"],
    ]
    assert {arn.split(":")[4] for arn in arns} == {"123456789012"}
    assert {arn.split(":")[3] for arn in arns} == {"", "eu-west-1"}
