"""Send items through the deployed stack, and count the results: nothing lost, nothing stored twice."""

from __future__ import annotations

import json
import runpy
import secrets
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from localcloud.checkout import REGION, ROOT
from localcloud.console import UserError, paint, progress, say
from localcloud.ingress_clients import ingress_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ITEMS: Final = 196
POISON: Final = 4
TIMEOUT: Final = 180.0  # seconds without a new outcome after which the demo ends
PROGRESS_INTERVAL: Final = 3.0  # seconds between progress lines
CHECK_WORKER_AFTER: Final = 5.0  # seconds without a new outcome after which the demo checks the event source mapping


def run(endpoint: str, outputs: dict[str, Any], *, items: int, poison: int) -> int:
    """Send the items, wait for the outcome of each, and print a summary.

    Return 0 if each has exactly its right outcome.
    """
    try:
        return _run(endpoint, outputs, items=items, poison=poison)
    except BotoCoreError as error:
        raise UserError("the local AWS stopped during the demo", f"{error}", "make up && make demo") from None
    except ClientError as error:
        raise UserError(
            "the local AWS rejected a request of the demo", f"{error}", "make down && make up && make demo"
        ) from None


def _run(endpoint: str, outputs: dict[str, Any], *, items: int, poison: int) -> int:
    dead, table = (_output(outputs, name) for name in ("dead_letter_queue_url", "results_table"))
    config = Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=30)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session = boto3.Session(region_name=REGION, **keys)  # type: ignore[arg-type] # two keys, both named
    sqs = session.client("sqs", endpoint_url=endpoint, config=config)
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=config)

    tag = secrets.token_hex(4)
    valid = [f"{tag}-{number:06d}" for number in range(items)]
    poison_ids = [f"{tag}-bad-{number:04d}" for number in range(poison)]
    client = ingress_client(session, config, endpoint, outputs)
    say(f"sending {items} items and {poison} poison items to {client.address}")
    started = time.monotonic()
    forms = client.poison
    with progress("sending"):
        client.send(
            [_item(name) for name in valid] + [forms[n % len(forms)] % name for n, name in enumerate(poison_ids)]
        )

    stored: dict[str, int] = {}
    dead_letters: dict[str, int] = {}
    last_new, last_progress, checked = time.monotonic(), time.monotonic(), False
    while time.monotonic() - last_new < TIMEOUT:
        before = len(stored) + len(dead_letters)
        stored = _stored(dynamodb, table, tag)
        _count_dead_letters(sqs, dead, tag, dead_letters)
        if len(stored) + len(dead_letters) >= items + poison:
            break
        if len(stored) + len(dead_letters) > before:
            last_new, checked = time.monotonic(), False
        if not checked and time.monotonic() - last_new > CHECK_WORKER_AFTER:
            checked = True
            _warn_if_mapping_disabled(session.client("lambda", endpoint_url=endpoint, config=config), outputs, endpoint)
        if time.monotonic() - last_progress > PROGRESS_INTERVAL:
            last_progress = time.monotonic()
            say(f"  {len(stored)} of {items} stored, {len(dead_letters)} of {poison} in the dead-letter queue")
        time.sleep(0.2)
    seconds = time.monotonic() - started
    errors = _print_summary(valid, poison_ids, stored, dead_letters, seconds)
    if errors:
        group = outputs.get("worker_log_group")
        say(f"       see the worker's log: aws logs tail {group} --endpoint-url {endpoint} --format short")
    return 1 if errors else 0


def _print_summary(
    valid: Sequence[str],
    poison_ids: Sequence[str],
    stored: dict[str, int],
    dead_letters: dict[str, int],
    seconds: float,
) -> int:
    """Print the outcome of the items; return the number of errors."""
    say(f"items in:                 {len(valid) + len(poison_ids)}")
    say(f"predictions stored:       {len(stored)} of {len(valid)}")
    say(f"in the dead-letter queue: {len(dead_letters)} of {len(poison_ids)}")
    say(f"seconds:                  {seconds:.1f}")
    say(f"items/s:                  {(len(stored) + len(dead_letters)) / seconds:.0f}")
    errors = [
        *(f"no prediction for {name}" for name in valid if name not in stored),
        *(f"more than one result for {name}" for name, count in stored.items() if count != 1),
        *(f"a prediction for the poison item {name}" for name in poison_ids if name in stored),
        *(f"not in the dead-letter queue: {name}" for name in poison_ids if name not in dead_letters),
        *(f"more than once in the dead-letter queue: {name}" for name, count in dead_letters.items() if count != 1),
        *(f"a valid item in the dead-letter queue: {name}" for name in valid if name in dead_letters),
    ]
    for error in errors[:10]:
        say(paint(f"error: {error}", "31"))
    if len(errors) > 10:  # noqa: PLR2004 - enough to see the kind of error
        say(f"       and {len(errors) - 10} more")
    if not errors:
        say(paint("every good item has exactly one prediction, every poison item is in the dead-letter queue", "32"))
    return len(errors)


def _warn_if_mapping_disabled(functions: Any, outputs: dict[str, Any], endpoint: str) -> None:
    """Print a warning if the event source mapping does not poll the queue."""
    uuid = _output(outputs, "mapping_arn").rpartition(":")[2]
    state = functions.get_event_source_mapping(UUID=uuid)["State"]
    if state != "Enabled":
        say(f"  the worker's event source mapping is {state}: it does not poll the queue")
        say(f"  aws lambda update-event-source-mapping --uuid {uuid} --enabled --endpoint-url {endpoint}")


def _item(name: str) -> str:
    number = int(name.rpartition("-")[2])
    return json.dumps({"id": name, "features": [number % (7 + at) / (7 + at) for at in range(_features())]})


@cache
def _features() -> int:
    """The number of features that the worker expects."""
    return int(runpy.run_path(str(ROOT / "lambda_src" / "worker" / "messages.py"))["FEATURES"])


def _stored(dynamodb: Any, table: str, tag: str) -> dict[str, int]:
    """The number of results of each item of this run."""
    counts: dict[str, int] = {}
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(id, :tag)",
        ExpressionAttributeValues={":tag": {"S": tag}},
        ConsistentRead=True,
    )
    for page in pages:
        for item in page["Items"]:
            counts[item["id"]["S"]] = counts.get(item["id"]["S"], 0) + 1
    return counts


def _count_dead_letters(sqs: Any, dead: str, tag: str, found: dict[str, int]) -> None:
    """Count this run's messages in the dead-letter queue without deleting them."""
    seen: dict[str, str] = {}
    handles = []
    for message in _receive_all(sqs, dead):
        handles.append(message["ReceiptHandle"])
        if tag in message["Body"]:
            seen[message["MessageId"]] = message["Body"]
    for handle in handles:
        sqs.change_message_visibility(QueueUrl=dead, ReceiptHandle=handle, VisibilityTimeout=0)
    found.clear()
    for body in seen.values():
        name = body[body.index(tag) :].split('"')[0].split(" ")[0]
        found[name] = found.get(name, 0) + 1


def _receive_all(sqs: Any, queue: str) -> Iterator[dict[str, Any]]:
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=20).get("Messages"):
        yield from messages


def _output(outputs: dict[str, Any], name: str) -> str:
    if name not in outputs:
        raise UserError(f"the stack does not export {name}", f"it exports {', '.join(sorted(outputs))}", "make up")
    return str(outputs[name])
