"""SNS: topics, their policies, subscriptions."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localcloud.provider import api_parameters, attribute_maps, naming
from localcloud.provider.regular_kind import Tags, prefix_of
from localcloud.provider.resource_kind import Call, Kind, Name, Table

PROTOCOLS = {"application": "Application", "firehose": "Firehose", "http": "HTTP", "lambda": "Lambda", "sqs": "SQS"}
FEEDBACK = ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
NAMES = {
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoThroughputScope": "FifoThroughputScope",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maximumMessageSize": "MaximumMessageSize",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    **{f"{prop}{end}": f"{name}{end}" for prop, name in PROTOCOLS.items() for end in FEEDBACK},
}
TAGS = Tags(put="tag_resource", drop="untag_resource", ask="list_tags_for_resource", resource="ResourceArn")


class Topic(Kind):
    """A topic. Its id is its ARN."""

    urn_type = "aws:sns/topic:Topic"
    service = "sns"
    name = Name(longest=80, fifo="fifoTopic")
    defaults: ClassVar[Table] = {"contentBasedDeduplication": False, "fifoTopic": False}
    replaces = frozenset({"fifoTopic", "name", "namePrefix"})
    documents = frozenset({"archivePolicy", "deliveryPolicy", "policy"})

    def create(self, call: Call) -> str:
        """Create with tags, and as FIFO where it is one."""
        fifo = {"FifoTopic": "true"} if call.inputs.get("fifoTopic") else {}
        answer = call.client("sns").create_topic(
            Name=naming.creation_name(self, call.inputs),
            Attributes=fifo,
            Tags=api_parameters.pairs(call.inputs.get("tagsAll", {})),
        )
        return str(answer["TopicArn"])

    def settle(self, call: Call) -> None:
        """Set the attributes one by one, as the API wants it."""
        wanted = attribute_maps.to_attributes(
            {key: value for key, value in call.inputs.items() if value is not False}, NAMES
        )
        self._set(call, wanted)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read all attributes."""
        client = call.client("sns")
        described = client.get_topic_attributes(TopicArn=call.id)["Attributes"]
        name = described["TopicArn"].rsplit(":", 1)[1]
        return {
            **dict.fromkeys(("kmsMasterKeyId", "displayName"), ""),
            "contentBasedDeduplication": False,
            **attribute_maps.from_attributes(described, NAMES, self.schema.properties),
            **TAGS.read(client, call.id),
            "arn": described["TopicArn"],
            "fifoTopic": name.endswith(".fifo"),
            "name": name,
            "namePrefix": prefix_of(name),
            "owner": described.get("Owner") or call.cloud.account,
            "region": client.meta.region_name,
        }

    def update(self, call: Call) -> None:
        """Set the attributes that differ."""
        self._set(call, attribute_maps.changes(call.inputs, call.old, NAMES))
        if call.changed("tagsAll"):
            TAGS.change(call.client("sns"), call.id, call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("sns").delete_topic(TopicArn=call.id)

    def _set(self, call: Call, wanted: dict[str, str]) -> None:
        for name, value in wanted.items():
            call.client("sns").set_topic_attributes(TopicArn=call.id, AttributeName=name, AttributeValue=value)


class TopicPolicy(Kind):
    """The topic policy. Its id is the topic's ARN."""

    urn_type = "aws:sns/topicPolicy:TopicPolicy"
    service = "sns"
    replaces = frozenset({"arn"})
    documents = frozenset({"policy"})

    def create(self, call: Call) -> str:
        """Set the topic's policy."""
        self._set(call, call.inputs["arn"], call.inputs["policy"])
        return str(call.inputs["arn"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read the topic's policy."""
        client = call.client("sns")
        described = client.get_topic_attributes(TopicArn=call.id)["Attributes"]
        owner = described.get("Owner") or call.cloud.account
        found = {"arn": call.id, "policy": described.get("Policy"), "owner": owner, "region": client.meta.region_name}
        return found if described.get("Policy") else None

    def update(self, call: Call) -> None:
        """Set the topic's policy."""
        self._set(call, call.id, call.inputs["policy"])

    def delete(self, call: Call) -> None:
        """Give the topic back the policy it was born with: its owner may do everything."""
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"],
            "Resource": call.id,
            "Condition": {"StringEquals": {"AWS:SourceOwner": call.cloud.account}},
        }
        self._set(call, call.id, json.dumps({"Version": "2008-10-17", "Statement": [statement]}))

    def _set(self, call: Call, topic: str, policy: str) -> None:
        call.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


class TopicSubscription(Kind):
    """The subscription of one endpoint to a topic. Its id is its ARN."""

    urn_type = "aws:sns/topicSubscription:TopicSubscription"
    service = "sns"
    defaults: ClassVar[Table] = {
        "confirmationTimeoutInMinutes": 1,
        "endpointAutoConfirms": False,
        "rawMessageDelivery": False,
    }
    replaces = frozenset({"endpoint", "protocol", "topic"})
    documents = frozenset({"deliveryPolicy", "filterPolicy", "redrivePolicy", "replayPolicy"})
    names: ClassVar[dict[str, str]] = {
        "deliveryPolicy": "DeliveryPolicy",
        "filterPolicy": "FilterPolicy",
        "filterPolicyScope": "FilterPolicyScope",
        "rawMessageDelivery": "RawMessageDelivery",
        "redrivePolicy": "RedrivePolicy",
        "replayPolicy": "ReplayPolicy",
        "subscriptionRoleArn": "SubscriptionRoleArn",
    }
    described: ClassVar[dict[str, str]] = {
        "arn": "SubscriptionArn",
        "confirmationWasAuthenticated": "ConfirmationWasAuthenticated",
        "endpoint": "Endpoint",
        "ownerId": "Owner",
        "pendingConfirmation": "PendingConfirmation",
        "protocol": "Protocol",
        "topic": "TopicArn",
    }

    def create(self, call: Call) -> str:
        """Subscribe."""
        inputs = {key: value for key, value in call.inputs.items() if value is not False}
        answer = call.client("sns").subscribe(
            TopicArn=call.inputs["topic"],
            Protocol=call.inputs["protocol"],
            Endpoint=call.inputs["endpoint"],
            Attributes=attribute_maps.to_attributes(inputs, self.names),
            ReturnSubscriptionArn=True,
        )
        return str(answer["SubscriptionArn"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read all attributes."""
        client = call.client("sns")
        described = client.get_subscription_attributes(SubscriptionArn=call.id)["Attributes"]
        found = attribute_maps.from_attributes(described, {**self.names, **self.described}, self.schema.properties)
        return {"rawMessageDelivery": False, "region": client.meta.region_name, **found}

    def update(self, call: Call) -> None:
        """Set the attributes that differ."""
        for name, value in attribute_maps.changes(call.inputs, call.old, self.names).items():
            call.client("sns").set_subscription_attributes(
                SubscriptionArn=call.id, AttributeName=name, AttributeValue=value
            )

    def delete(self, call: Call) -> None:
        """Unsubscribe."""
        call.client("sns").unsubscribe(SubscriptionArn=call.id)


KINDS = (Topic(), TopicPolicy(), TopicSubscription())
