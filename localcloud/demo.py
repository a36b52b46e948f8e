"""Work sent through the deployed stack, and a count of what came out: nothing lost, nothing twice."""

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
from localcloud.doors import door

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ITEMS: Final = 196
POISON: Final = 4
PATIENCE: Final = 180.0  # seconds without anything new before the demo gives up
SAY_EVERY: Final = 3.0  # seconds between lines of progress
LOOK_AFTER: Final = 5.0  # seconds without anything new before the demo looks whether anybody works


def run(endpoint: str, outputs: dict[str, Any], *, items: int, poison: int) -> int:
    """Send the items, wait for each one's end, and print the account. 0 only when nothing is lost and nothing extra."""
    try:
        return _run(endpoint, outputs, items=items, poison=poison)
    except BotoCoreError as error:
        raise UserError(
            "the local AWS went away in the middle of the demo", f"{error}", "make up && make demo"
        ) from None
    except ClientError as error:
        raise UserError(
            "the local AWS refuses what the demo asks", f"{error}", "make down && make up && make demo"
        ) from None


def _run(endpoint: str, outputs: dict[str, Any], *, items: int, poison: int) -> int:
    dead, table = (_output(outputs, name) for name in ("dead_letter_queue_url", "results_table"))
    config = Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=30)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session = boto3.Session(region_name=REGION, **keys)  # type: ignore[arg-type] # two keys, both named
    sqs = session.client("sqs", endpoint_url=endpoint, config=config)
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=config)

    tag = secrets.token_hex(4)
    good = [f"{tag}-{number:06d}" for number in range(items)]
    bad = [f"{tag}-bad-{number:04d}" for number in range(poison)]
    way_in = door(session, config, endpoint, outputs)
    say(f"sending {items} items and {poison} poison items to {way_in.where}")
    started = time.monotonic()
    forms = way_in.poison
    with progress("sending"):
        way_in.send([_item(name) for name in good] + [forms[n % len(forms)] % name for n, name in enumerate(bad)])

    stored: dict[str, int] = {}
    set_aside: dict[str, int] = {}
    last_new, last_said, looked = time.monotonic(), time.monotonic(), False
    while time.monotonic() - last_new < PATIENCE:
        before = len(stored) + len(set_aside)
        stored = _stored(dynamodb, table, tag)
        _look_at_dead(sqs, dead, tag, set_aside)
        if len(stored) + len(set_aside) >= items + poison:
            break
        if len(stored) + len(set_aside) > before:
            last_new, looked = time.monotonic(), False
        if not looked and time.monotonic() - last_new > LOOK_AFTER:
            looked = True
            _look_at_worker(session.client("lambda", endpoint_url=endpoint, config=config), outputs, endpoint)
        if time.monotonic() - last_said > SAY_EVERY:
            last_said = time.monotonic()
            say(f"  {len(stored)} of {items} stored, {len(set_aside)} of {poison} in the dead-letter queue")
        time.sleep(0.2)
    seconds = time.monotonic() - started
    faults = _account(good, bad, stored, set_aside, seconds)
    if faults:
        group = outputs.get("worker_log_group")
        say(f"       why is in the worker's log: aws logs tail {group} --endpoint-url {endpoint} --format short")
    return 1 if faults else 0


def _account(
    good: Sequence[str], bad: Sequence[str], stored: dict[str, int], set_aside: dict[str, int], seconds: float
) -> int:
    """Print what became of the items; gives how many faults there are."""
    say(f"items in:                 {len(good) + len(bad)}")
    say(f"predictions stored:       {len(stored)} of {len(good)}")
    say(f"in the dead-letter queue: {len(set_aside)} of {len(bad)}")
    say(f"seconds:                  {seconds:.1f}")
    say(f"items/s:                  {(len(stored) + len(set_aside)) / seconds:.0f}")
    faults = [
        *(f"no prediction for {name}" for name in good if name not in stored),
        *(f"more than one result for {name}" for name, count in stored.items() if count != 1),
        *(f"a prediction for the poison item {name}" for name in bad if name in stored),
        *(f"not in the dead-letter queue: {name}" for name in bad if name not in set_aside),
        *(f"more than once in the dead-letter queue: {name}" for name, count in set_aside.items() if count != 1),
        *(f"a good item in the dead-letter queue: {name}" for name in good if name in set_aside),
    ]
    for fault in faults[:10]:
        say(paint(f"error: {fault}", "31"))
    if len(faults) > 10:  # noqa: PLR2004 - enough to see what kind of fault it is
        say(f"       and {len(faults) - 10} more")
    if not faults:
        say(paint("every good item has exactly one prediction, every poison item is in the dead-letter queue", "32"))
    return len(faults)


def _look_at_worker(functions: Any, outputs: dict[str, Any], endpoint: str) -> None:
    """Say so where nobody takes work out of the queue."""
    uuid = _output(outputs, "mapping_arn").rpartition(":")[2]
    state = functions.get_event_source_mapping(UUID=uuid)["State"]
    if state != "Enabled":
        say(f"  the worker's event source mapping is {state}: no work is taken out of the queue")
        say(f"  aws lambda update-event-source-mapping --uuid {uuid} --enabled --endpoint-url {endpoint}")


def _item(name: str) -> str:
    number = int(name.rpartition("-")[2])
    return json.dumps({"id": name, "features": [number % (7 + at) / (7 + at) for at in range(_features())]})


@cache
def _features() -> int:
    """How many numbers the worker wants."""
    return int(runpy.run_path(str(ROOT / "lambda_src" / "worker" / "messages.py"))["FEATURES"])


def _stored(dynamodb: Any, table: str, tag: str) -> dict[str, int]:
    """How many results each item of this run has; the key is the item's id, so more than one is a fault."""
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


def _look_at_dead(sqs: Any, dead: str, tag: str, found: dict[str, int]) -> None:
    """Count this run's messages in the dead-letter queue, and leave them there."""
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
