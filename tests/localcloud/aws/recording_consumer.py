"""A queue, and a function that consumes its messages and records every batch in a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

POLLING_ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]

CONSUMER_CODE = """
import json, os, time, boto3
TABLE = boto3.client("dynamodb")
def handle(event, context):
    began = time.time()
    bodies = [record["body"] for record in event["Records"]]
    time.sleep(float(os.environ.get("SECONDS", "0")))
    failed = [record["messageId"] for record in event["Records"] if record["body"].startswith("poison")]
    item = {"began": began, "ended": time.time(), "bodies": bodies, "process": os.getpid(),
            "counts": [record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]]}
    stored = {"id": {"S": context.aws_request_id}, "batch": {"S": json.dumps(item)}}
    TABLE.put_item(TableName=os.environ["TABLE"], Item=stored)
    if "all fail" in bodies:
        raise RuntimeError("all fail")
    if "nonsense" in bodies:
        return "no JSON"
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
"""


@dataclass
class RecordingConsumer:
    """A queue, a function that records its batches, and the mapping between them."""

    cloud: Cloud
    url: str
    queue: str
    role: str
    function: str
    table: str
    uuid: str = ""

    def map(self, **options: Any) -> None:
        """Create the event source mapping."""
        settings = {"FunctionResponseTypes": ["ReportBatchItemFailures"]} | options
        self.uuid = self.cloud("lambda").create_event_source_mapping(
            FunctionName=self.function, EventSourceArn=self.queue, **settings
        )["UUID"]

    def batches(self) -> list[dict[str, Any]]:
        """Return the batches that the function received, oldest first."""
        found = [json.loads(item["batch"]["S"]) for item in self.cloud.items(self.table)]
        return sorted(found, key=lambda batch: float(batch["began"]))

    def bodies(self) -> list[str]:
        """Return the bodies of all messages that the function received."""
        return [body for batch in self.batches() for body in batch["bodies"]]

    def result(self) -> str:
        """Return the mapping's last processing result."""
        return str(self.cloud("lambda").get_event_source_mapping(UUID=self.uuid)["LastProcessingResult"])
