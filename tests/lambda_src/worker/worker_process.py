"""The worker as Lambda runs it: a process of its own, whose clients reach the test's servers over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import boto3

from localcloud.checkout import ROOT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from tests.lambda_src.worker.conftest import FakeRuntime

WORKER: Final = ROOT / "lambda_src" / "worker"
REGION: Final = "eu-west-1"
INVOKE: Final = """
import json, sys, types, {module} as module
context = types.SimpleNamespace(aws_request_id="request-1")
for line in sys.stdin:
    print("ANSWER " + json.dumps(module.handle(json.loads(line), context)))
"""


@cache
def _client(url: str, service: str) -> Any:
    """Made once for all tests: a client takes longer to make than what it is asked."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    client: Any = session.client(service, endpoint_url=url)  # type: ignore[call-overload] # any service
    return client


@dataclass
class WorkerProcess:
    """A worker with its own tables, queues and bucket, and a model. `lines`: its log lines so far."""

    url: str
    runtime: FakeRuntime
    name: str = field(default_factory=lambda: uuid4().hex[:12])
    lines: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dynamodb: DynamoDBClient = _client(self.url, "dynamodb")
        self.sqs: SQSClient = _client(self.url, "sqs")
        self.s3: S3Client = _client(self.url, "s3")
        for table in ("results", "claims"):
            self.dynamodb.create_table(
                TableName=f"{self.name}-{table}",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.queue, self.dead_letters = (
            self.sqs.create_queue(QueueName=f"{self.name}-{kind}", Attributes={"VisibilityTimeout": "300"})["QueueUrl"]
            for kind in ("work", "aside")
        )

    @property
    def arn(self) -> str:
        """The ARN of the work queue."""
        return f"arn:aws:sqs:{REGION}:123456789012:{self.name}-work"

    @property
    def environment(self) -> dict[str, str]:
        """The function's environment variables, and the endpoint of its AWS."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(WORKER),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": "worker-1a2b3c4",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": self.runtime.url,
            "RESULTS_TABLE": f"{self.name}-results",
            "IDEMPOTENCY_TABLE": f"{self.name}-claims",
            "ENDPOINT_NAME": "forecast",
            "MODEL_TIMEOUT_SECONDS": "8",
            "CLAIM_SECONDS": "30",
            "IDEMPOTENCY_DAYS": "30",
            "RESULT_DAYS": "365",
            "BATCH_BUCKET": self.name,
            "WORK_QUEUE_URL": self.queue,
            "DEAD_LETTER_QUEUE_URL": self.dead_letters,
        }

    def run(self, *events: list[dict[str, Any]], module: str = "predict") -> list[list[str]]:
        """Invoke one worker process with events (lists of records); return the failed message ids by event."""
        answers = self._invoke([{"Records": records} for records in events], module)
        return [[failure["itemIdentifier"] for failure in answer["batchItemFailures"]] for answer in answers]

    def invoke_collector(self, event: dict[str, Any]) -> dict[str, Any]:
        """Invoke the collector with an event that has no records; return its response."""
        (answer,) = self._invoke([event], "collect")
        return answer

    def _invoke(self, events: list[dict[str, Any]], module: str) -> list[dict[str, Any]]:
        run = subprocess.run(
            [sys.executable, "-c", INVOKE.format(module=module)],
            input="\n".join(map(json.dumps, events)),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert run.returncode == 0, run.stderr
        logged = run.stdout.splitlines()
        self.lines += [json.loads(line) for line in logged if not line.startswith("ANSWER ")]
        return [json.loads(line.removeprefix("ANSWER ")) for line in logged if line.startswith("ANSWER ")]

    def record(self, receipt: str, body: str, **more: Any) -> dict[str, Any]:
        """A record of an SQS event."""
        return {"messageId": receipt, "body": body, "eventSource": "aws:sqs", "eventSourceARN": self.arn, **more}

    def message_count(self, url: str, *attributes: str) -> int:
        """The sum of these message counts of a queue."""
        found: Any = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(found[name]) for name in attributes)

    def predictions(self) -> dict[str, float]:
        """The predictions in the results table, by id."""
        items = self.dynamodb.scan(TableName=f"{self.name}-results")["Items"]
        return {item["id"]["S"]: float(item["prediction"]["N"]) for item in items}

    def claims(self) -> dict[str, str]:
        """The states in the idempotency table, by id."""
        items = self.dynamodb.scan(TableName=f"{self.name}-claims")["Items"]
        return {item["id"]["S"]: item["state"]["S"] for item in items}

    def metrics(self) -> dict[str, float]:
        """The sum of each metric."""
        found: dict[str, float] = {}
        for line in self.lines:
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                for metric in directive["Metrics"]:
                    found[metric["Name"]] = found.get(metric["Name"], 0) + line[metric["Name"]]
        return found

    def logged(self, message: str) -> list[dict[str, Any]]:
        """The log lines with this message."""
        return [line for line in self.lines if line.get("message") == message]


def body(id_: str, features: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0)) -> str:
    """The body of a valid message."""
    return json.dumps({"id": id_, "features": features})
