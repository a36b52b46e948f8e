"""The worker as Lambda runs it: a process of its own, real HTTP to DynamoDB (moto's server) and to the model."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError

from localcloud.checkout import AWS_PYTHON, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.worker.conftest import FakeRuntime

WORKER = ROOT / "lambda_src" / "worker"
INVOKE = "import json, sys, handler\nfor line in sys.stdin: print(json.dumps(handler.handle(json.loads(line), None)))"


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoDBClient]:
    """DynamoDB over HTTP, with the results table."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [AWS_PYTHON, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    client = boto3.client(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    try:
        _wait_for(client)
        client.create_table(
            TableName="results",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client
    finally:
        server.terminate()
        server.wait()


def _wait_for(client: DynamoDBClient) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            client.list_tables()
        except BotoCoreError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def invoke(dynamodb: DynamoDBClient, runtime: FakeRuntime, *batches: list[tuple[str, str]]) -> list[list[str]]:
    """Run batches of (receipt, body) through one worker process; give the receipts that failed, by batch."""
    events = [
        {"Records": [{"messageId": receipt, "body": body, "eventSource": "aws:sqs"} for receipt, body in batch]}
        for batch in batches
    ]
    return run_worker(dynamodb, runtime, events)


def run_worker(dynamodb: DynamoDBClient, runtime: FakeRuntime, events: list[dict[str, Any]]) -> list[list[str]]:
    """Give events to one worker process, one after the other; give the receipts that failed, by event."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(WORKER),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.meta.endpoint_url,
        "AWS_ENDPOINT_URL_SQS": dynamodb.meta.endpoint_url,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": runtime.url,
        "RESULTS_TABLE": "results",
        "ENDPOINT_NAME": "forecast",
        "MODEL_TIMEOUT_SECONDS": "8",
    }
    run = subprocess.run(
        [sys.executable, "-c", INVOKE],
        input="\n".join(map(json.dumps, events)),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    answers: list[dict[str, Any]] = [json.loads(line) for line in run.stdout.splitlines()]
    return [[failure["itemIdentifier"] for failure in answer["batchItemFailures"]] for answer in answers]


def body(id_: str) -> str:
    """A well-formed message."""
    return json.dumps({"id": id_, "features": [1.0, 2.0, 3.0, 4.0]})


def predictions(dynamodb: DynamoDBClient, prefix: str) -> dict[str, float]:
    """What the table holds about the items of one test."""
    items = dynamodb.scan(TableName="results")["Items"]
    return {item["id"]["S"]: float(item["prediction"]["N"]) for item in items if item["id"]["S"].startswith(prefix)}


def test_a_batch_with_one_poison_message_fails_that_message_alone(
    dynamodb: DynamoDBClient, runtime: FakeRuntime
) -> None:
    """Nine results, one request to the model, one failure."""
    batch = [(f"receipt-{at}", body(f"one-{at}")) for at in range(10)]
    batch[4] = ("receipt-4", '{"id": "one-4", "features": ["poison"]}')
    assert invoke(dynamodb, runtime, batch) == [["receipt-4"]]
    assert predictions(dynamodb, "one-") == {f"one-{at}": 0.5 for at in range(10) if at != 4}
    assert len(runtime.asked) == 1


def test_messages_that_come_twice_have_one_result(dynamodb: DynamoDBClient, runtime: FakeRuntime) -> None:
    """Within a batch and across batches, where the model says something else the second time."""
    answers = iter(["0.25", "0.75"])
    runtime.answer = lambda _: next(answers)
    first = [("a", body("two-1")), ("b", body("two-1"))]
    assert invoke(dynamodb, runtime, first, [("c", body("two-1"))]) == [[], []]
    assert predictions(dynamodb, "two-") == {"two-1": 0.25}


def test_a_batch_comes_back_whole_when_the_model_fails_and_succeeds_later(
    dynamodb: DynamoDBClient, runtime: FakeRuntime
) -> None:
    """An outage stores nothing and loses nothing."""
    batch = [("a", body("three-1")), ("b", body("three-2"))]
    runtime.status = 500
    assert invoke(dynamodb, runtime, batch) == [["a", "b"]]
    assert predictions(dynamodb, "three-") == {}
    runtime.status = 200
    assert invoke(dynamodb, runtime, batch) == [[]]
    assert predictions(dynamodb, "three-") == {"three-1": 0.5, "three-2": 0.5}


def test_a_poison_message_is_returned_at_once(dynamodb: DynamoDBClient, runtime: FakeRuntime) -> None:
    """It is not hidden for the five minutes of the queue's visibility timeout, so it is soon set aside."""
    sqs = boto3.client(
        "sqs",
        endpoint_url=dynamodb.meta.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    url = sqs.create_queue(QueueName="work", Attributes={"VisibilityTimeout": "300"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "eventSourceARN": arn,
    }
    assert run_worker(dynamodb, runtime, [{"Records": [record]}]) == [[message["MessageId"]]]
    (again,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert again["MessageId"] == message["MessageId"]


def test_a_queue_that_cannot_take_a_message_back_fails_nothing_else(
    dynamodb: DynamoDBClient, runtime: FakeRuntime
) -> None:
    """The good message is stored all the same, and the poison one waits for its visibility timeout."""
    poison = {
        "messageId": "a",
        "receiptHandle": "nobody",
        "body": "poison",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:gone",
    }
    good = {"messageId": "b", "receiptHandle": "c", "body": body("five-1"), "eventSourceARN": poison["eventSourceARN"]}
    assert run_worker(dynamodb, runtime, [{"Records": [poison, good]}]) == [["a"]]
    assert predictions(dynamodb, "five-") == {"five-1": 0.5}
