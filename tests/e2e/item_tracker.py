"""Items and poison messages that are sent through a deployed stack, and the outcome of each."""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from localcloud.aws.sagemaker import xgboost_json
from localcloud.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.e2e.cloud import Cloud

MODEL: Final = ROOT / "reference_stack" / "default_model" / "model.tar.gz"
PATIENCE: Final = 240.0
"""Seconds without change after which a missing result counts as lost: more than any visibility timeout."""
COUNTED: Final = tuple(f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed"))
QUEUES: Final = ("queue_url", "answers_queue_url")
POISON: Final = (
    ('{"id": "%s"}', "features are missing"),
    ('{"id": "%s", "features": ["much", 1, 2, 3]}', "features[0] is not a number"),
    ("%s is not JSON", "the message is not JSON"),
    ('{"id": "%s", "features": []}', "0 features instead of 4"),
    ('["%s"]', "the message is not a JSON object"),
)
"""Messages that the worker can never process, and the reason that it logs for each."""


@dataclass(frozen=True)
class Wave:
    """Messages that are sent together. items: features by id. poison: bodies, each with the logged reason."""

    items: Mapping[str, tuple[float, ...]]
    poison: Mapping[str, str]

    @staticmethod
    def of(tag: str, items: int, poison: int = 0) -> Wave:
        """Make valid items and poison messages with ids that begin with the tag; the same ones every time."""
        chance = random.Random(tag)  # noqa: S311 - features, not secrets
        good = {f"{tag}-{at:04d}": tuple(chance.random() for _ in range(4)) for at in range(items)}
        kinds = [POISON[at % len(POISON)] for at in range(poison)]
        return Wave(good, {body % f"{tag}-bad-{at:04d}": reason for at, (body, reason) in enumerate(kinds)})

    def messages(self) -> list[tuple[str, str]]:
        """Correlation id and body of each message, the poison messages spread evenly among the items."""
        found = [(id_, json.dumps({"id": id_, "features": features})) for id_, features in self.items.items()]
        apart = len(found) // len(self.poison) if self.poison else 0
        for at, body in enumerate(self.poison):
            found.insert(at * (apart + 1), (f"poison-{at}", body))
        return found

    def predictions(self) -> dict[str, float]:
        """The default model's prediction for each item."""
        model = xgboost_json.unpack(MODEL.read_bytes())
        return dict(zip(self.items, model.predict(list(self.items.values())), strict=True))


@dataclass
class ItemTracker:
    """Records every write to a deployed stack's results table, from the first item on.

    outputs: of the stack. written: by item id, the records of the results table's stream: the event name (INSERT,
    MODIFY, REMOVE) and the new image.
    """

    cloud: Cloud
    outputs: Mapping[str, str]
    written: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._sqs, self._dynamodb = self.cloud.client("sqs"), self.cloud.client("dynamodb")
        self._streams, table = self.cloud.client("dynamodbstreams"), self.outputs["results_table"]
        if "LatestStreamArn" not in self._dynamodb.describe_table(TableName=table)["Table"]:
            wanted = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
            self._dynamodb.update_table(TableName=table, StreamSpecification=wanted)
        arn = self._dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        (shard,) = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self._place = self._streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]

    def send(self, messages: Sequence[tuple[str, str]]) -> None:
        """Send messages to the queue, with their correlation ids."""
        for start in range(0, len(messages), 10):
            entries = [
                {
                    "Id": str(at),
                    "MessageBody": body,
                    "MessageAttributes": {"correlation_id": {"DataType": "String", "StringValue": correlation}},
                }
                for at, (correlation, body) in enumerate(messages[start : start + 10])
            ]
            sent = self._sqs.send_message_batch(QueueUrl=self.outputs["queue_url"], Entries=entries)
            assert not sent.get("Failed"), sent

    def wait_until_settled(self, *waves: Wave) -> None:
        """Wait until all items have results and the queues are empty, or nothing has changed for PATIENCE seconds."""
        looked, since = self._look(waves), time.monotonic()
        while (any(looked) or looked != self._look(waves)) and time.monotonic() - since < PATIENCE:
            time.sleep(0.3)
            before, looked = looked, self._look(waves)
            since = time.monotonic() if looked != before else since

    def waiting(self) -> int:
        """The number of messages in the queues of work and of asynchronous results."""
        return sum(self._depth(self.outputs[name]) for name in QUEUES if name in self.outputs)

    def results_in_flight(self) -> int:
        """The number of messages in flight in the queue of asynchronous results."""
        name = "ApproximateNumberOfMessagesNotVisible"
        url = self.outputs["answers_queue_url"]
        return int(self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])

    def without_result(self, *waves: Wave) -> int:
        """The number of items without a result."""
        while True:
            read = self._streams.get_records(ShardIterator=self._place)
            self._place = read["NextShardIterator"]
            for record in read["Records"]:
                told = record["dynamodb"]
                self.written[told["Keys"]["id"]["S"]].append((record["eventName"], told.get("NewImage", {})))
            if not read["Records"]:
                return sum(id_ not in self.written for wave in waves for id_ in wave.items)

    def _look(self, waves: Sequence[Wave]) -> tuple[int, int, int]:
        """Missing results, messages still in queues, and poison messages not yet in the dead-letter queue."""
        poison = sum(len(wave.poison) for wave in waves)
        return (
            self.without_result(*waves),
            self.waiting(),
            max(0, poison - self._depth(self.outputs["dead_letter_queue_url"])),
        )

    def _depth(self, url: str) -> int:
        """The number of messages in a queue: visible, in flight and delayed."""
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTED))["Attributes"]
        return sum(int(found[name]) for name in COUNTED)

    def problems(self, wave: Wave) -> list[str]:
        """Items of a wave that were lost, stored twice or stored wrongly: one line each."""
        results, claims = (dict(self._scan(self.outputs[name])) for name in ("results_table", "idempotency_table"))
        found = [f"a result of a poison message: {id_}" for id_ in results if any(id_ in body for body in wave.poison)]
        for id_, prediction in wave.predictions().items():
            writes, result = self.written.get(id_, []), results.get(id_)
            if [kind for kind, _ in writes] != ["INSERT"] or writes[0][1] != result:
                found.append(f"{id_} was written {writes} and is {result}")
            elif float(result["prediction"]["N"]) != prediction:
                found.append(f"{id_} is {result['prediction']['N']} instead of {prediction}")
            if claims.get(id_, {}).get("state") != {"S": "done"}:
                found.append(f"{id_} is not done: {claims.get(id_)}")
        return found

    def _scan(self, table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                yield item["id"]["S"], item

    def dead_letters(self) -> list[tuple[str, str]]:
        """Receive and delete every message in the dead-letter queue; return id and body of each."""
        url, found = self.outputs["dead_letter_queue_url"], []
        while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append((message["MessageId"], message["Body"]))
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def log(self, function: str = "worker") -> Iterator[dict[str, Any]]:
        """A function's log lines; a line of plain text becomes the `message`."""
        pages = self.cloud.client("logs").get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=self.outputs[f"{function}_log_group"]):
            for text in (event["message"] for event in page["events"]):
                yield {"message": ""} | json.loads(text) if text.startswith("{") else {"message": text}
