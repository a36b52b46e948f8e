"""Messages sent to a deployed stack and their outcomes, while one of its roles lacks a grant."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from tests.e2e.grants import Grant, grants_of, without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.e2e.cloud import Cloud

ATTEMPTS: Final = 10
"""How often an item is tried before it becomes a dead letter."""
RETURN_SECONDS: Final = 0.4
"""Seconds until a failed message is delivered again. Ten deliveries take far longer than a test needs to see why."""


@dataclass(frozen=True)
class Sent:
    """The ids of valid items and poison messages that were sent together, and when (Unix time)."""

    good: tuple[str, ...]
    poison: tuple[str, ...]
    since: float


@dataclass
class Flow:
    """A deployed stack, accessed with the account owner's credentials.

    `sent`: everything sent so far. `exhausted`: valid items on which the model fails for the last permitted time;
    `lost`: those whose notification was lost.
    """

    cloud: Cloud
    outputs: dict[str, str]
    sent: list[Sent] = field(default_factory=list)
    exhausted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cloud.control("settings", {"failed_return_seconds": RETURN_SECONDS})

    def __call__(self, service: str) -> Any:
        """A boto3 client."""
        if service not in self._clients:
            self._clients[service] = self.cloud.client(service)
        return self._clients[service]

    @cached_property
    def policies(self) -> dict[str, tuple[str, str, dict[str, Any]]]:
        """By role (`worker`, `model`, `collector`): role name, name of its one inline policy, and policy document."""
        found = {}
        for role in ("worker", "collector", "model"):
            if f"{role}_role_arn" in self.outputs:
                name = self.outputs[f"{role}_role_arn"].rpartition("/")[2]
                (policy,) = self("iam").list_role_policies(RoleName=name)["PolicyNames"]
                document = self("iam").get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                found[role] = (name, policy, document)
        return found

    def grants(self, role: str) -> dict[str, Grant]:
        """The single grants of a role, by name."""
        found = grants_of(self.policies[role][2])
        named = {str(grant): grant for grant in found}
        assert len(named) == len(found)
        return named

    @contextlib.contextmanager
    def without_grant(self, role: str, grant: str) -> Iterator[None]:
        """Remove a grant from a role, and restore it at the end."""
        name, policy, document = self.policies[role]
        less = without(document, self.grants(role)[grant])
        self("iam").put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(less))
        try:
            yield
        finally:
            self("iam").put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))

    def send(self, good: int = 2, poison: int = 1, attempts: int = 0) -> Sent:
        """Send valid items and poison messages. attempts: how often the items were retried before."""
        tag = uuid4().hex[:12]
        sent = Sent(
            tuple(f"{tag}-{at}" for at in range(good)), tuple(f"{tag}-bad-{at}" for at in range(poison)), time.time()
        )
        bodies = {id_: json.dumps({"id": id_, "features": [0.1, 0.2, 0.3, 0.4]}) for id_ in sent.good}
        bodies |= {id_: json.dumps({"id": id_, "features": []}) for id_ in sent.poison}
        entries = [
            {
                "Id": str(at),
                "MessageBody": body,
                "MessageAttributes": {
                    "correlation_id": {"DataType": "String", "StringValue": id_},
                    "attempt": {"DataType": "Number", "StringValue": str(attempts)},
                },
            }
            for at, (id_, body) in enumerate(bodies.items())
        ]
        assert not self("sqs").send_message_batch(QueueUrl=self.outputs["queue_url"], Entries=entries).get("Failed")
        self.sent.append(sent)
        return sent

    def stored(self, ids: tuple[str, ...]) -> set[str]:
        """The ids of those items that have a result."""
        keys = [{"id": {"S": id_}} for id_ in ids]
        table = self.outputs["results_table"]
        found = self("dynamodb").batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        return {item["id"]["S"] for item in found["Responses"][table]}

    def lines(self, function: str, since: float) -> list[dict[str, Any]]:
        """A function's JSON log lines since then."""
        asked = {"logGroupName": self.outputs[f"{function}_log_group"], "startTime": int(since * 1_000)}
        found = [str(event["message"]) for event in self("logs").filter_log_events(**asked)["events"]]
        return [json.loads(text) for text in found if text.startswith("{")]

    def streams(self, function: str) -> set[str]:
        """The log streams of a function: each execution environment has its own."""
        found = self("logs").describe_log_streams(logGroupName=self.outputs[f"{function}_log_group"])
        return {str(stream["logStreamName"]) for stream in found["logStreams"]}

    def logged(self, function: str, since: float, message: str, *reasons: str) -> bool:
        """Whether a function logged this message with a reason that contains all these texts."""
        return any(
            line.get("message") == message and all(part in line["reason"] for part in reasons)
            for line in self.lines(function, since)
        )

    def mapping(self, function: str) -> str:
        """The last processing result of a function's event source mapping."""
        name = "mapping_arn" if function == "worker" else f"{function}_mapping_arn"
        uuid = self.outputs[name].rpartition(":")[2]
        return str(self("lambda").get_event_source_mapping(UUID=uuid)["LastProcessingResult"])

    def idle(self, queue: str) -> bool:
        """Whether a queue has neither visible nor in-flight messages."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self("sqs").get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=names)["Attributes"]
        return not any(int(found[name]) for name in names)

    def dead_letters(self, ids: Iterable[str] | None = None) -> list[str]:
        """The item ids in the dead-letter queue (only those in `ids` if given); the messages stay in it."""
        url = self.outputs["dead_letter_queue_url"]
        found: list[Any] = []
        while messages := self("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += messages
        for message in found:
            self("sqs").change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        wanted = None if ids is None else set(ids)
        named = [str(json.loads(message["Body"])["id"]) for message in found]
        return sorted(id_ for id_ in named if wanted is None or id_ in wanted)

    def fail_once(self, attempts: int) -> Sent:
        """Send an item on which the model fails. attempts: how often it was retried before."""
        fault = {"service": "sagemaker", "action": "InvokeEndpoint", "status": 400, "times": 1}
        self.cloud.control("faults", fault)
        sent = self.send(good=1, poison=0, attempts=attempts)
        if attempts + 1 == ATTEMPTS:
            self.exhausted += sent.good
        return sent

    def stored_failures(self) -> int:
        """The number of failure objects that SageMaker stored."""
        found = self("s3").list_objects_v2(Bucket=self.outputs["batch_bucket"], Prefix="failures/")
        return int(found["KeyCount"])

    def failed_notifications(self) -> int:
        """The number of batches whose notification the endpoint could not publish."""
        log = (self.cloud.folder / "aws" / "server.log").read_text()
        return log.count("nobody could be told that request")


def eventually(holds: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until something holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"timed out waiting for: {what}"
        time.sleep(0.1)
