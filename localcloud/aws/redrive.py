"""Redrives: StartMessageMoveTask and its siblings, which ministack lacks.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from ministack.services import sqs

from localcloud.aws.patching import private

if TYPE_CHECKING:
    from collections.abc import Callable

queues = private(sqs, "_queues")
queue_by_arn = private(sqs, "_queue_by_arn")
error = private(sqs, "_Err")

Document = dict[str, Any]

FASTEST: Final = 500  # messages a second, at most
AT_ONCE: Final = 100  # messages that are moved before others get a turn
SHOWN: Final = 10  # tasks of a queue that are listed at most

TASKS: list[Document] = []
RUNNING: set[asyncio.Task[None]] = set()


def start(wanted: Document, _url: str) -> Document:
    """StartMessageMoveTask: without a destination each message goes back to its source queue."""
    source = _queue(wanted.get("SourceArn"), "SourceArn")
    arn = source["attributes"]["QueueArn"]
    destination = wanted.get("DestinationArn")
    if destination:
        _queue(destination, "DestinationArn")
    rate = wanted.get("MaxNumberOfMessagesPerSecond")
    if rate is not None and not 1 <= int(rate) <= FASTEST:
        raise error("InvalidParameterValue", f"Value for parameter MaxNumberOfMessagesPerSecond is invalid: {rate}")
    if not any(_dead_letters(queue) == arn for queue in queues.values()):
        raise error("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if any(task["SourceArn"] == arn and task["Status"] == "RUNNING" for task in TASKS):
        raise error("UnsupportedOperation", "There is already a task running. Only one active task is allowed.")
    handle = b64encode(json.dumps({"taskId": str(uuid4()), "sourceArn": arn}).encode()).decode()
    task: Document = {
        "TaskHandle": handle,
        "Status": "RUNNING",
        "SourceArn": arn,
        "ApproximateNumberOfMessagesMoved": 0,
        "ApproximateNumberOfMessagesToMove": len(source["messages"]),
        "StartedTimestamp": int(time.time() * 1000),
        **({"DestinationArn": destination} if destination else {}),
        **({"MaxNumberOfMessagesPerSecond": int(rate)} if rate is not None else {}),
    }
    TASKS.append(task)
    running = asyncio.get_running_loop().create_task(_run(task), context=Context())
    RUNNING.add(running)
    running.add_done_callback(RUNNING.discard)
    return {"TaskHandle": handle}


def cancel(wanted: Document, _url: str) -> Document:
    """CancelMessageMoveTask: messages that were moved stay moved."""
    for task in TASKS:
        if task["TaskHandle"] == wanted.get("TaskHandle") and task["Status"] == "RUNNING":
            task["Status"] = "CANCELLED"
            return {"ApproximateNumberOfMessagesMoved": task["ApproximateNumberOfMessagesMoved"]}
    raise error("ResourceNotFoundException", "Task does not exist.", 404)


def list_tasks(wanted: Document, _url: str) -> Document:
    """ListMessageMoveTasks: the tasks of a queue, newest first; only a running one has a handle."""
    arn = _queue(wanted.get("SourceArn"), "SourceArn")["attributes"]["QueueArn"]
    most = min(int(wanted.get("MaxResults") or 1), SHOWN)
    found = [task for task in reversed(TASKS) if task["SourceArn"] == arn][:most]
    return {
        "Results": [
            {key: value for key, value in task.items() if key != "TaskHandle" or task["Status"] == "RUNNING"}
            for task in found
        ]
    }


async def _run(task: Document) -> None:
    rate = task.get("MaxNumberOfMessagesPerSecond")
    while task["Status"] == "RUNNING":
        source = queue_by_arn(task["SourceArn"])
        if source is None:
            task |= {"Status": "FAILED", "FailureReason": "AWS.SimpleQueueService.NonExistentQueue"}
            return
        now = time.time()
        free = [message for message in source["messages"] if message["visible_at"] <= now][: 1 if rate else AT_ONCE]
        if not free:
            task["Status"] = "COMPLETED"
            return
        for message in free:
            target = queue_by_arn(task.get("DestinationArn") or message["sys"].get("DeadLetterQueueSourceArn") or "")
            if target is None:
                task |= {"Status": "FAILED", "FailureReason": "CouldNotDetermineMessageSource"}
                return
            source["messages"].remove(message)
            target["messages"].append(_as_new_message(message, now))
            task["ApproximateNumberOfMessagesMoved"] += 1
        sqs.esm_wake.set()
        await asyncio.sleep(1 / rate if rate else 0)


def _as_new_message(message: Document, now: float) -> Document:
    """A moved message is a new one: another id, another time, never received."""
    kept = {key: value for key, value in message["sys"].items() if key != "DeadLetterQueueSourceArn"}
    return {
        **message,
        "id": str(uuid4()),
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now,
        "receive_count": 0,
        "first_receive_at": None,
        "sys": {**kept, "SentTimestamp": str(int(now * 1000))},
    }


def _dead_letters(queue: Document) -> str:
    return str(json.loads(queue["attributes"].get("RedrivePolicy") or "{}").get("deadLetterTargetArn", ""))


def _queue(arn: object, name: str) -> Document:
    if not arn:
        raise error("MissingParameter", f"The request must contain the parameter {name}.")
    found: Document | None = queue_by_arn(str(arn))
    if found is None:
        message = f"The resource that you specified for the {name} parameter doesn't exist."
        raise error("ResourceNotFoundException", message, 404)
    return found


HANDLERS: Final[dict[str, Callable[[Document, str], Document]]] = {
    "CancelMessageMoveTask": cancel,
    "ListMessageMoveTasks": list_tasks,
    "StartMessageMoveTask": start,
}
