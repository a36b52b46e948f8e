"""Redrive of the dead-letter queue with SQS's StartMessageMoveTask."""

from __future__ import annotations

import time
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from localcloud.checkout import REGION
from localcloud.console import UserError, paint, progress, say

TIMEOUT: Final = 120.0  # seconds
OUTPUT: Final = "dead_letter_queue_url"


def run(endpoint: str, outputs: dict[str, Any]) -> int:
    """Move every message of the dead-letter queue back to its source queue. Return 0 if all were moved."""
    if OUTPUT not in outputs:
        raise UserError(f"the stack does not export {OUTPUT}", f"it exports {', '.join(sorted(outputs))}", "make up")
    try:
        return _run(endpoint, str(outputs[OUTPUT]))
    except BotoCoreError as error:
        raise UserError("the local AWS stopped while messages were moved", f"{error}", "make up") from None
    except ClientError as error:
        raise UserError("the local AWS rejected the move of messages", f"{error}", "make down && make up") from None


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
        task = _wait_until_finished(sqs, about["QueueArn"])
    moved = task.get("ApproximateNumberOfMessagesMoved", 0)
    if task["Status"] != "COMPLETED":
        why = task.get("FailureReason", task["Status"])
        say(paint(f"error: the move of the dead letters stopped after {moved}: {why}", "31"))
        return 1
    say(f"Moved {moved} messages back to the queue they came from. What fails again returns to the dead-letter queue.")
    return 0


def _wait_until_finished(sqs: Any, queue: str) -> dict[str, Any]:
    """Wait for the end of the newest move task of the queue."""
    until = time.monotonic() + TIMEOUT
    while True:
        task: dict[str, Any] = sqs.list_message_move_tasks(SourceArn=queue, MaxResults=1)["Results"][0]
        if task["Status"] != "RUNNING" or time.monotonic() > until:
            return task
        time.sleep(0.2)
