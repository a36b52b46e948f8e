"""S3: lifecycle rules, ownership, notifications and access logging of a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import api_parameters, aws_clients
from localcloud.provider.services.s3_settings import Setting

if TYPE_CHECKING:
    from localcloud.provider.resource_kind import Call, Table

RULE_RENAMES: api_parameters.Renames = {"id": "ID", "and": "And"}
SIZES = "all_storage_classes_128K"


class BucketLifecycleConfiguration(Setting):
    """Expiration and transition of objects."""

    urn_type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    replaces = frozenset({"bucket", "expectedBucketOwner"})
    computed = frozenset({"rules[].prefix", "rules[].expiration.expiredObjectDeleteMarker", "rules[].filter.prefix"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"rules[].status": ("Disabled", "Enabled")}

    def put(self, call: Call, bucket: str) -> None:
        """Put all rules. A rule without a filter is one for every object, which the API wants said."""
        client = call.client("s3")
        given = {"lifecycleConfiguration": {"rules": call.inputs["rules"]}}
        params = api_parameters.parameters(client, "put_bucket_lifecycle_configuration", given, RULE_RENAMES)
        for rule in params["LifecycleConfiguration"]["Rules"]:
            if "Prefix" not in rule and not rule.get("Filter"):
                rule["Filter"] = {"Prefix": ""}
        client.put_bucket_lifecycle_configuration(Bucket=bucket, **params)

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get all rules."""
        described = call.client("s3").get_bucket_lifecycle_configuration(Bucket=call.id)
        found = api_parameters.properties({"rules": self.schema.inputs.types["rules"]}, described, RULE_RENAMES)
        sizes = described.get("TransitionDefaultMinimumObjectSize") or SIZES
        return {**found, "expectedBucketOwner": "", "transitionDefaultMinimumObjectSize": sizes}

    def delete(self, call: Call) -> None:
        """Delete all rules."""
        call.client("s3").delete_bucket_lifecycle(Bucket=call.id)


class BucketOwnershipControls(Setting):
    """Ownership of objects written by other accounts."""

    urn_type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "rule.objectOwnership": ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
    }

    def put(self, call: Call, bucket: str) -> None:
        """Put the one rule."""
        rule = {"ObjectOwnership": call.inputs["rule"]["objectOwnership"]}
        call.client("s3").put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [rule]})

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get the one rule."""
        rules = call.client("s3").get_bucket_ownership_controls(Bucket=call.id)["OwnershipControls"]["Rules"]
        return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}} if rules else None

    def delete(self, call: Call) -> None:
        """Delete the rule."""
        call.client("s3").delete_bucket_ownership_controls(Bucket=call.id)


class BucketNotification(Setting):
    """Notifications about objects: EventBridge, functions, queues, topics."""

    urn_type = "aws:s3/bucketNotification:BucketNotification"
    defaults: ClassVar[Table] = {"eventbridge": False}
    sets = frozenset({"events"})
    computed = frozenset({"lambdaFunctions[].id", "queues[].id", "topics[].id"})
    places: ClassVar[dict[str, tuple[str, str, str]]] = {
        "lambdaFunctions": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "lambdaFunctionArn"),
        "queues": ("QueueConfigurations", "QueueArn", "queueArn"),
        "topics": ("TopicConfigurations", "TopicArn", "topicArn"),
    }

    def put(self, call: Call, bucket: str) -> None:
        """Put the whole configuration: the API has only that."""
        wanted: dict[str, Any] = {"EventBridgeConfiguration": {}} if call.inputs.get("eventbridge") else {}
        for prop, (place, member, target) in self.places.items():
            if call.inputs.get(prop):
                wanted[place] = [_written(each, member, each[target]) for each in call.inputs[prop]]
        call.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get the whole configuration; an empty one counts as gone."""
        described = call.client("s3").get_bucket_notification_configuration(Bucket=call.id)
        found: dict[str, Any] = {"eventbridge": "EventBridgeConfiguration" in described}
        for prop, (place, member, target) in self.places.items():
            if described.get(place):
                found[prop] = [_read(each, member, target) for each in described[place]]
        return found if found["eventbridge"] or len(found) > 1 else None

    def delete(self, call: Call) -> None:
        """Put an empty configuration."""
        call.client("s3").put_bucket_notification_configuration(Bucket=call.id, NotificationConfiguration={})


class BucketLogging(Setting):
    """The bucket for access logs."""

    urn_type = "aws:s3/bucketLogging:BucketLogging"
    replaces = frozenset({"bucket", "expectedBucketOwner"})
    unsupported: ClassVar[dict[str, str]] = {"targetGrants": "the log bucket's policy"}

    def put(self, call: Call, bucket: str) -> None:
        """Put the target."""
        client = call.client("s3")
        given = {prop: call.inputs[prop] for prop in ("targetBucket", "targetPrefix") if prop in call.inputs}
        form = call.inputs.get("targetObjectKeyFormat")
        given |= {"targetObjectKeyFormat": form} if form else {}
        params = api_parameters.parameters(
            client, "put_bucket_logging", {"bucketLoggingStatus": {"loggingEnabled": given}}, {}
        )
        client.put_bucket_logging(Bucket=bucket, **params)

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get the target."""
        try:
            described = call.client("s3").get_bucket_logging(Bucket=call.id).get("LoggingEnabled")
        except Exception as error:
            if aws_clients.is_gone(error):
                return None
            raise
        types = {prop: self.schema.inputs.types[prop] for prop in ("targetBucket", "targetPrefix")}
        return {"targetPrefix": "", **api_parameters.properties(types, described, {})} if described else None

    def delete(self, call: Call) -> None:
        """Put no target."""
        call.client("s3").put_bucket_logging(Bucket=call.id, BucketLoggingStatus={})


def _written(given: dict[str, Any], member: str, target: str) -> dict[str, Any]:
    rules = [
        {"Name": name, "Value": given[prop]}
        for name, prop in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
        if given.get(prop)
    ]
    filtering = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    named = {"Id": given["id"]} if given.get("id") else {}
    return {member: target, "Events": given["events"], **named, **filtering}


def _read(described: dict[str, Any], member: str, target: str) -> dict[str, Any]:
    rules = described.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    found = {f"filter{each['Name'].capitalize()}": each["Value"] for each in rules}
    return {"id": described.get("Id"), "events": described["Events"], target: described[member], **found}


KINDS = (BucketLifecycleConfiguration(), BucketOwnershipControls(), BucketNotification(), BucketLogging())
