"""Dead letters sent back to the queue they came from, as SQS itself does it (StartMessageMoveTask)."""

from __future__ import annotations

import time
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from localcloud.checkout import REGION
from localcloud.console import UserError, paint, progress, say

PATIENCE: Final = 120.0  # seconds that moving may take
OUTPUT: Final = "dead_letter_queue_url"


def run(endpoint: str, outputs: dict[str, Any]) -> int:
    """Move every message of the dead-letter queue back, and say how many there were. 0 when all have moved."""
    if OUTPUT not in outputs:
        raise UserError(f"the stack does not export {OUTPUT}", f"it exports {', '.join(sorted(outputs))}", "make up")
    try:
        return _run(endpoint, str(outputs[OUTPUT]))
    except BotoCoreError as error:
        raise UserError("the local AWS went away while messages were moved", f"{error}", "make up") from None
    except ClientError as error:
        raise UserError("the local AWS refuses to move messages", f"{error}", "make down && make up") from None


def _run(endpoint: str, dead: str) -> int:
    config = Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=30)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session = boto3.Session(region_name=REGION, **keys)  # type: ignore[arg-type] # two keys, both named
    sqs: Any = session.client("sqs", endpoint_url=endpoint, config=config)
    names = ["QueueArn", "ApproximateNumberOfMessages"]
    about = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=names)["Attributes"]
    if not int(about["ApproximateNumberOfMessages"]):
        say("The dead-letter queue is empty: there is nothing to move.")
        return 0
    sqs.start_message_move_task(SourceArn=about["QueueArn"])
    with progress("moving the dead letters back"):
        task = _ended(sqs, about["QueueArn"])
    moved = task.get("ApproximateNumberOfMessagesMoved", 0)
    if task["Status"] != "COMPLETED":
        why = task.get("FailureReason", task["Status"])
        say(paint(f"error: the move of the dead letters stopped after {moved}: {why}", "31"))
        return 1
    say(f"Moved {moved} messages back to the queue they came from. What fails there again will be set aside again.")
    return 0


def _ended(sqs: Any, queue: str) -> dict[str, Any]:
    """Wait for the end of the queue's newest move."""
    until = time.monotonic() + PATIENCE
    while True:
        task: dict[str, Any] = sqs.list_message_move_tasks(SourceArn=queue, MaxResults=1)["Results"][0]
        if task["Status"] != "RUNNING" or time.monotonic() > until:
            return task
        time.sleep(0.2)
