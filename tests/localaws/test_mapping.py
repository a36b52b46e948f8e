"""Event source mappings from queues: what is refused, what is read back, and how batches run."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.cloud import allow, eventually, unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.localaws.cloud import Cloud

FEED = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]

RECORDER = """
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
class Feed:
    """A queue, a function that records its batches, and the mapping between them."""

    cloud: Cloud
    url: str
    queue: str
    role: str
    function: str
    table: str
    uuid: str = ""

    def map(self, **options: Any) -> None:
        """Map the queue to the function."""
        settings = {"FunctionResponseTypes": ["ReportBatchItemFailures"]} | options
        self.uuid = self.cloud("lambda").create_event_source_mapping(
            FunctionName=self.function, EventSourceArn=self.queue, **settings
        )["UUID"]

    def batches(self) -> list[dict[str, Any]]:
        """Return the batches the function has been given, oldest first."""
        found = [json.loads(item["batch"]["S"]) for item in self.cloud.items(self.table)]
        return sorted(found, key=lambda batch: float(batch["began"]))

    def bodies(self) -> list[str]:
        """Return all bodies it has been given."""
        return [body for batch in self.batches() for body in batch["bodies"]]

    def result(self) -> str:
        """Return what the mapping says of itself."""
        return str(self.cloud("lambda").get_event_source_mapping(UUID=self.uuid)["LastProcessingResult"])


@pytest.fixture
def feed(cloud: Cloud) -> Iterator[Callable[..., Feed]]:
    """Make feeds; their mappings are deleted afterwards."""
    made: list[Feed] = []

    def make(*, seconds: float = 0.0, timeout: int = 5, attributes: dict[str, str] | None = None) -> Feed:
        url, queue = cloud.queue(**({"VisibilityTimeout": "30"} | (attributes or {})))
        table = cloud.table()
        put = allow("dynamodb:PutItem", f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}")
        role = cloud.role(allow(FEED, queue), put)
        variables = {"Variables": {"TABLE": table, "SECONDS": str(seconds)}}
        function = cloud.function(RECORDER, role, Timeout=timeout, Environment=variables)
        made.append(Feed(cloud, url, queue, role, function, table))
        return made[-1]

    yield make
    for one in made:
        if one.uuid:
            cloud("lambda").delete_event_source_mapping(UUID=one.uuid)


def test_a_mapping_is_read_back(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """Every setting, on an alias; then changed, disabled and deleted."""
    one, client = feed(), cloud("lambda")
    client.publish_version(FunctionName=one.function)
    alias = client.create_alias(FunctionName=one.function, Name="live", FunctionVersion="1")["AliasArn"]
    one.function = alias
    wanted: dict[str, Any] = {
        "BatchSize": 20,
        "MaximumBatchingWindowInSeconds": 2,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 3},
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["a"]}})}]},
        "MetricsConfig": {"Metrics": ["EventCount"]},
    }
    one.map(**wanted, Tags={"owner": "me"})
    found = client.get_event_source_mapping(UUID=one.uuid)
    assert wanted.items() <= found.items()
    assert (found["FunctionArn"], found["EventSourceArn"], found["State"]) == (alias, one.queue, "Enabled")
    assert client.list_tags(Resource=found["EventSourceMappingArn"])["Tags"] == {"owner": "me"}
    changed = {"BatchSize": 5, "MaximumBatchingWindowInSeconds": 0, "ScalingConfig": {"MaximumConcurrency": 2}}
    client.update_event_source_mapping(UUID=one.uuid, Enabled=False, **changed)
    found = client.get_event_source_mapping(UUID=one.uuid)
    assert changed.items() <= found.items()
    assert found["State"] == "Disabled"
    listed = client.list_event_source_mappings(EventSourceArn=one.queue)["EventSourceMappings"]
    assert [each["UUID"] for each in listed] == [one.uuid]
    client.delete_event_source_mapping(UUID=one.uuid)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_event_source_mapping(UUID=one.uuid)
    one.uuid = ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
        ({"BatchSize": 10_001, "MaximumBatchingWindowInSeconds": 1}, "must be between 1 and 10000"),
        ({"EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:nobody"}, "NonExistentQueue"),
        ({"FunctionName": "nobody"}, "Function not found"),
    ],
)
def test_what_a_mapping_may_not_be(
    feed: Callable[..., Feed], cloud: Cloud, options: dict[str, Any], message: str
) -> None:
    """Refused as Lambda refuses it, at creation and, where it applies, at an update."""
    one, client = feed(), cloud("lambda")
    wanted = {"FunctionName": one.function, "EventSourceArn": one.queue} | options
    with pytest.raises(ClientError, match=message):
        client.create_event_source_mapping(**wanted)
    if "EventSourceArn" not in options:
        one.map()
        with pytest.raises(ClientError, match=message):
            client.update_event_source_mapping(UUID=one.uuid, **options)


def test_a_queue_has_to_hide_messages_long_enough(feed: Callable[..., Feed]) -> None:
    """As long as the function may take, at least."""
    with pytest.raises(ClientError, match="visibility timeout: 4 seconds is less than Function timeout: 5 seconds"):
        feed(attributes={"VisibilityTimeout": "4"}).map()
    feed(attributes={"VisibilityTimeout": "5"}).map()


@pytest.mark.parametrize("missing", FEED)
def test_a_role_has_to_let_lambda_read_the_queue(feed: Callable[..., Feed], cloud: Cloud, missing: str) -> None:
    """Each of the three permissions, on this very queue."""
    one = feed()
    cloud.grant(one.role, allow([name for name in FEED if name != missing], one.queue), allow(missing, one.queue + "2"))
    with pytest.raises(ClientError, match=f"does not have permissions to call {missing.removeprefix('sqs:')} on SQS"):
        one.map()


def test_a_key_has_to_be_the_roles_too(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """kms:Decrypt for a queue with a customer key."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    one = feed(attributes={"KmsMasterKeyId": key})
    with pytest.raises(ClientError, match="permissions to call Decrypt on KMS"):
        one.map()
    cloud.grant(one.role, allow("kms:Decrypt", key), name="key")
    one.map()


def test_the_same_mapping_twice(feed: Callable[..., Feed]) -> None:
    """A conflict that names the first."""
    one = feed()
    one.map()
    with pytest.raises(ClientError, match=f"ResourceConflictException.*{one.uuid}"):
        Feed(one.cloud, one.url, one.queue, one.role, one.function, one.table).map()


def test_only_the_failed_come_back(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """And are set aside after as many receptions as the queue allows; the others are delivered once."""
    dead_url, dead = cloud.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    one = feed(timeout=4, attributes={"VisibilityTimeout": "4", "RedrivePolicy": redrive})
    one.map()
    good = [f"good-{i}" for i in range(9)]
    cloud.send(one.url, *good, "poison")
    eventually(lambda: cloud.depth(dead_url) == (1, 0))
    assert cloud.depth(one.url) == (0, 0)
    assert sorted(one.bodies()) == [*good, "poison"]


@pytest.mark.parametrize("body", ["all fail", "nonsense"])
def test_an_error_or_a_wrong_answer_fails_the_batch(feed: Callable[..., Feed], cloud: Cloud, body: str) -> None:
    """Nothing is deleted; everything stays hidden until the visibility timeout is over."""
    one = feed()
    one.map()
    cloud.send(one.url, body, "good")
    eventually(lambda: len(one.bodies()) == 2)
    eventually(lambda: cloud.depth(one.url) == (0, 2))


def test_without_partial_responses_an_answer_is_success(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """Whatever it says."""
    one = feed()
    one.map(FunctionResponseTypes=[])
    cloud.send(one.url, "poison")
    eventually(lambda: one.bodies() == ["poison"] and cloud.depth(one.url) == (0, 0))


def test_no_more_batches_at_once_than_allowed(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """Ten batches of two, two at a time, each process used again."""
    one = feed(seconds=0.2)
    one.map(BatchSize=2, ScalingConfig={"MaximumConcurrency": 2})
    cloud.send(one.url, *(f"m{i}" for i in range(20)))
    eventually(lambda: len(one.bodies()) == 20)
    batches = one.batches()
    overlapping = [sum(other["began"] <= batch["began"] < other["ended"] for other in batches) for batch in batches]
    assert max(overlapping) == 2
    assert len({batch["process"] for batch in batches}) == 2
    assert all(len(batch["bodies"]) <= 2 for batch in batches)


def test_a_window_collects_a_larger_batch(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """More than one receive returns, in one invocation, as soon as the batch is full."""
    one = feed()
    one.map(BatchSize=25, MaximumBatchingWindowInSeconds=20)
    cloud.send(one.url, *(f"m{i}" for i in range(25)))
    eventually(lambda: len(one.bodies()) == 25)
    assert [len(batch["bodies"]) for batch in one.batches()] == [25]


def test_a_filter_drops_what_does_not_match(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """Dropped messages are deleted, never delivered."""
    one = feed()
    one.map(FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["a"]}})}]})
    cloud.send(one.url, json.dumps({"kind": "a"}), json.dumps({"kind": "b"}))
    eventually(lambda: cloud.depth(one.url) == (0, 0) and one.bodies())
    assert one.bodies() == [json.dumps({"kind": "a"})]


def test_a_permission_taken_away_stops_the_mapping(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """Until it is given back; the messages wait in the queue."""
    one = feed()
    one.map()
    put = allow("dynamodb:PutItem", "*")
    cloud.grant(one.role, put)
    cloud.send(one.url, "waits")
    eventually(lambda: one.result().startswith("PROBLEM: The provided execution role"))
    assert cloud.depth(one.url) == (1, 0)
    cloud.grant(one.role, put, allow(FEED, one.queue))
    eventually(lambda: one.bodies() == ["waits"] and one.result() == "OK")


def test_a_disabled_mapping_rests(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """And goes on when it is enabled."""
    one = feed()
    one.map(Enabled=False)
    cloud.send(one.url, "later")
    time.sleep(0.5)
    assert cloud.depth(one.url) == (1, 0)
    cloud("lambda").update_event_source_mapping(UUID=one.uuid, Enabled=True)
    eventually(lambda: one.bodies() == ["later"])


def test_new_code_takes_over(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """From the next batch on; no message is lost on the way."""
    one = feed(seconds=0.3)
    one.map(BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    cloud.send(one.url, *(f"m{i}" for i in range(10)))
    eventually(lambda: len(one.bodies()) >= 2)
    variables = {"Variables": {"TABLE": one.table, "SECONDS": "0"}}
    cloud("lambda").update_function_configuration(FunctionName=one.function, Environment=variables)
    eventually(lambda: sorted(one.bodies()) == sorted(f"m{i}" for i in range(10)))
    assert len({batch["process"] for batch in one.batches()}) >= 3


def test_a_killed_process_loses_nothing(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """Its batch comes back when the visibility timeout is over."""
    one = feed(seconds=1.0, timeout=5, attributes={"VisibilityTimeout": "5"})
    one.map()
    cloud.send(one.url, "survivor")
    eventually(lambda: cloud.depth(one.url) == (0, 1))
    eventually(lambda: cloud.control("workers/kill", {"function": one.function})["killed"] == 1)
    eventually(lambda: one.bodies() == ["survivor"])
    assert one.batches()[0]["counts"] == ["2"]


def test_failed_messages_can_be_made_to_return_sooner(feed: Callable[..., Feed], cloud: Cloud) -> None:
    """So that a demonstration need not wait for the visibility timeout."""
    dead_url, dead = cloud.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    one = feed(attributes={"RedrivePolicy": redrive})
    one.map()
    cloud.control("settings", {"failed_return_seconds": 0.1})
    try:
        cloud.send(one.url, "poison")
        eventually(lambda: cloud.depth(dead_url) == (1, 0), seconds=10)
    finally:
        cloud.control("settings", {"failed_return_seconds": None})
    assert [batch["counts"] for batch in one.batches()] == [["1"], ["2"], ["3"]]


def test_a_queue_in_order(cloud: Cloud, feed: Callable[..., Feed]) -> None:
    """FIFO: one batch at a time, in the order of sending."""
    one = feed()
    url = cloud("sqs").create_queue(QueueName=unique("ordered") + ".fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = cloud("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    cloud.grant(one.role, allow(FEED, arn), name="fifo")
    one.queue = arn
    one.map(BatchSize=3)
    for i in range(7):
        cloud("sqs").send_message(QueueUrl=url, MessageBody=f"m{i}", MessageGroupId="g", MessageDeduplicationId=str(i))
    eventually(lambda: len(one.bodies()) == 7)
    assert one.bodies() == [f"m{i}" for i in range(7)]
