"""A bus in front of a queue: what arrives, in which form, and what becomes of events that may not be delivered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.aws.calling_function import ACCOUNT
from tests.localcloud.aws.cloud import allow, document, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.calling_function import CallingFunction
    from tests.localcloud.aws.cloud import Cloud


@dataclass
class Bus:
    """A bus with a rule for orders, and two queues: where they go, and where they are set aside."""

    cloud: Cloud
    name: str
    rule: str
    url: str
    queue: str
    dead_url: str
    dead: str

    def aim(self, **target: Any) -> None:
        """Send what the rule finds to the queue."""
        wanted = {"Id": "queue", "Arn": self.queue, "DeadLetterConfig": {"Arn": self.dead}, **target}
        self.cloud("events").put_targets(Rule="orders", EventBusName=self.name, Targets=[wanted])

    def open(self, url: str, queue: str) -> None:
        """Let the rule send to a queue."""
        statement = allow("sqs:SendMessage", queue, Principal={"Service": "events.amazonaws.com"})
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": self.rule}}
        self.cloud("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(statement)})

    def put(self, detail: dict[str, Any], source: str = "shop") -> None:
        """Put an event on the bus."""
        entry = {"EventBusName": self.name, "Source": source, "DetailType": "order", "Detail": json.dumps(detail)}
        assert self.cloud("events").put_events(Entries=[entry])["FailedEntryCount"] == 0

    def received(self, url: str) -> list[dict[str, Any]]:
        """Take what is in a queue."""
        got = self.cloud("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return list(got.get("Messages", []))


@pytest.fixture
def bus(cloud: Cloud) -> Bus:
    """Make one whose queues are closed."""
    events, name = cloud("events"), unique("bus")
    events.create_event_bus(Name=name)
    rule = events.put_rule(Name="orders", EventBusName=name, EventPattern=json.dumps({"source": ["shop"]}))["RuleArn"]
    return Bus(cloud, name, rule, *cloud.queue(), *cloud.queue())


def test_the_detail_arrives(bus: Bus) -> None:
    """Of what the rule finds, and of nothing else."""
    bus.open(bus.url, bus.queue)
    bus.aim(InputPath="$.detail")
    bus.put({"id": "item-1", "features": [1.5]})
    bus.put({"id": "item-2"}, source="elsewhere")
    assert [json.loads(each["Body"]) for each in bus.received(bus.url)] == [{"id": "item-1", "features": [1.5]}]


def test_a_transformed_event_arrives(bus: Bus) -> None:
    """What the template makes of it."""
    bus.open(bus.url, bus.queue)
    bus.aim(
        InputTransformer={
            "InputPathsMap": {"id": "$.detail.id"},
            "InputTemplate": '{"id": <id>, "rule": <aws.events.rule-name>}',
        }
    )
    bus.put({"id": "item-1"})
    assert [json.loads(each["Body"]) for each in bus.received(bus.url)] == [{"id": "item-1", "rule": "orders"}]


def test_a_closed_queue_gets_nothing(bus: Bus) -> None:
    """The event is set aside with the reason, if the rule may send there."""
    bus.aim()
    bus.put({"id": "lost"})
    bus.open(bus.dead_url, bus.dead)
    bus.put({"id": "kept"})
    assert bus.received(bus.url) == []
    (message,) = bus.received(bus.dead_url)
    assert json.loads(message["Body"])["detail"] == {"id": "kept"}
    said = {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}
    assert said["ERROR_CODE"] == "NO_PERMISSIONS"
    assert (said["RULE_ARN"], said["TARGET_ARN"]) == (bus.rule, bus.queue)


def test_a_queue_that_is_gone(bus: Bus) -> None:
    """The same, with its own code."""
    bus.open(bus.dead_url, bus.dead)
    bus.aim()
    bus.cloud("sqs").delete_queue(QueueUrl=bus.url)
    bus.put({"id": "kept"})
    (message,) = bus.received(bus.dead_url)
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_an_encrypted_queue_needs_a_key_that_lets_events_in(bus: Bus) -> None:
    """Its policy decides; the key that SQS itself brings lets nobody in."""
    bus.open(bus.dead_url, bus.dead)
    bus.open(bus.url, bus.queue)
    bus.aim(InputPath="$.detail.id")
    root = allow("kms:*", "*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
    letting = allow(["kms:GenerateDataKey", "kms:Decrypt"], "*", Principal={"Service": "events.amazonaws.com"})
    letting["Condition"] = {"ArnLike": {"aws:SourceArn": bus.rule}}
    closed, opened = (bus.cloud("kms").create_key(Policy=document(*each)) for each in ((root,), (root, letting)))
    keys = {"aws": "alias/aws/sqs", "closed": closed["KeyMetadata"]["Arn"], "open": opened["KeyMetadata"]["Arn"]}
    for name, key in keys.items():
        bus.cloud("sqs").set_queue_attributes(QueueUrl=bus.url, Attributes={"KmsMasterKeyId": key})
        bus.put({"id": name})
    assert [each["Body"] for each in bus.received(bus.url)] == ['"open"']
    assert [json.loads(each["Body"])["detail"]["id"] for each in bus.received(bus.dead_url)] == ["aws", "closed"]


def test_who_may_put_events(bus: Bus, actor: CallingFunction) -> None:
    """A role that names the bus."""
    entry = {"EventBusName": bus.name, "Source": "shop", "DetailType": "order", "Detail": "{}"}
    actor.grant(allow("events:PutEvents", ACCOUNT.format("events", "event-bus/other")))
    assert actor.call("events", "put_events", Entries=[entry]) == "AccessDeniedException"
    actor.grant(allow("events:PutEvents", ACCOUNT.format("events", f"event-bus/{bus.name}")))
    assert actor.call("events", "put_events", Entries=[entry]) == "allowed"
