"""SQS: queues, and the three policies that are resources of their own but attributes of a queue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import attribute_maps, naming
from localcloud.provider.regular_kind import Tags, prefix_of
from localcloud.provider.resource_kind import Call, Kind, Name, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
ONLY_FIFO = ("contentBasedDeduplication", "deduplicationScope", "fifoQueue", "fifoThroughputLimit")
DOCUMENTS = ("policy", "redrivePolicy", "redriveAllowPolicy")
TAGS = Tags(put="tag_queue", drop="untag_queue", ask="list_queue_tags", resource="QueueUrl", keys="TagKeys", pairs=None)


class Queue(Kind):
    """A queue. Its id is its URL."""

    urn_type = "aws:sqs/queue:Queue"
    service = "sqs"
    name = Name(longest=80, fifo="fifoQueue")
    defaults: ClassVar[Table] = {
        "contentBasedDeduplication": False,
        "delaySeconds": 0,
        "fifoQueue": False,
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    }
    replaces = frozenset({"fifoQueue", "name", "namePrefix"})
    documents = frozenset(DOCUMENTS)
    conflicts = (("kmsMasterKeyId", "sqsManagedSseEnabled"),)
    bounds: ClassVar[Table] = {
        "delaySeconds": (0, 900),
        "kmsDataKeyReusePeriodSeconds": (60, 86400),
        "maxMessageSize": (1024, 1048576),
        "messageRetentionSeconds": (60, 1209600),
        "visibilityTimeoutSeconds": (0, 43200),
    }

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:
        """Want names that AWS takes, and FIFO for what only FIFO queues have."""
        fifo = inputs["fifoQueue"]
        if fifo is False and inputs["contentBasedDeduplication"] is True:
            yield "contentBasedDeduplication", "can only be set for a FIFO queue"
        form = r"[0-9A-Za-z_-]{1,75}\.fifo" if fifo is True else r"[0-9A-Za-z_-]{1,80}"
        if isinstance(inputs.get("name"), str) and isinstance(fifo, bool) and not re.fullmatch(form, inputs["name"]):
            yield "name", f"is not a queue's name: {form}"

    def create(self, call: Call) -> str:
        """Create with all attributes at once."""
        name = naming.creation_name(self, call.inputs)
        sent = {
            key: value for key, value in call.inputs.items() if call.inputs.get("fifoQueue") or key not in ONLY_FIFO
        }
        answer = call.client("sqs").create_queue(
            QueueName=name,
            Attributes=attribute_maps.to_attributes(sent, NAMES),
            tags=dict(call.inputs.get("tagsAll", {})),
        )
        return str(answer["QueueUrl"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read all attributes; policies that are not there are empty."""
        client = call.client("sqs")
        described = client.get_queue_attributes(QueueUrl=call.id, AttributeNames=["All"])["Attributes"]
        name = described["QueueArn"].rsplit(":", 1)[1]
        return {
            **dict.fromkeys((*DOCUMENTS, "kmsMasterKeyId"), ""),
            "kmsDataKeyReusePeriodSeconds": 300,
            **attribute_maps.from_attributes(described, NAMES, self.schema.properties),
            **TAGS.read(client, call.id),
            "arn": described["QueueArn"],
            "fifoQueue": name.endswith(".fifo"),
            "name": name,
            "namePrefix": prefix_of(name),
            "region": client.meta.region_name,
            "url": call.id,
        }

    def update(self, call: Call) -> None:
        """Send the attributes that differ."""
        changed = attribute_maps.changes(call.inputs, call.old, NAMES)
        if changed:
            call.client("sqs").set_queue_attributes(QueueUrl=call.id, Attributes=changed)
        if call.changed("tagsAll"):
            TAGS.change(call.client("sqs"), call.id, call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("sqs").delete_queue(QueueUrl=call.id)


class _Attribute(Kind):
    """One attribute of a queue as a resource. Its id is the queue's URL."""

    service = "sqs"
    prop: ClassVar[str]
    replaces = frozenset({"queueUrl"})

    def create(self, call: Call) -> str:
        """Set the attribute."""
        self._set(call, call.inputs["queueUrl"], call.inputs[self.prop])
        return str(call.inputs["queueUrl"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get the attribute; a queue without it counts as gone."""
        client = call.client("sqs")
        answer = client.get_queue_attributes(QueueUrl=call.id, AttributeNames=[NAMES[self.prop]])
        value = answer.get("Attributes", {}).get(NAMES[self.prop])
        return {self.prop: value, "queueUrl": call.id, "region": client.meta.region_name} if value else None

    def update(self, call: Call) -> None:
        """Set the attribute."""
        self._set(call, call.id, call.inputs[self.prop])

    def delete(self, call: Call) -> None:
        """Take the attribute away."""
        self._set(call, call.id, "")

    def _set(self, call: Call, queue: str, value: str) -> None:
        call.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={NAMES[self.prop]: value})


class QueuePolicy(_Attribute):
    """The queue policy."""

    urn_type = "aws:sqs/queuePolicy:QueuePolicy"
    prop = "policy"
    documents = frozenset({"policy"})


class RedrivePolicy(_Attribute):
    """The dead-letter queue of a queue."""

    urn_type = "aws:sqs/redrivePolicy:RedrivePolicy"
    prop = "redrivePolicy"
    documents = frozenset({"redrivePolicy"})


class RedriveAllowPolicy(_Attribute):
    """The source queues that may use a dead-letter queue."""

    urn_type = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
    prop = "redriveAllowPolicy"
    documents = frozenset({"redriveAllowPolicy"})


KINDS = (Queue(), QueuePolicy(), RedrivePolicy(), RedriveAllowPolicy())
