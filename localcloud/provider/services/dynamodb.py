"""DynamoDB: tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import aws_clients, naming
from localcloud.provider.regular_kind import Tags
from localcloud.provider.resource_kind import Call, Kind, Name, Table
from localcloud.provider.services import dynamodb_parameters as form

if TYPE_CHECKING:
    from collections.abc import Iterator

TAGS = Tags(put="tag_resource", drop="untag_resource", ask="list_tags_of_resource", resource="ResourceArn")


class TableKind(Kind):
    """A table with its indexes, expiry, recovery and encryption. Its id is its name."""

    urn_type = "aws:dynamodb/table:Table"
    service = "dynamodb"
    name = Name()
    defaults: ClassVar[Table] = {"billingMode": "PROVISIONED", "tableClass": "STANDARD", "ttl.enabled": False}
    computed = frozenset(
        {
            "globalSecondaryIndexes[].hashKey",
            "globalSecondaryIndexes[].keySchemas",
            "globalSecondaryIndexes[].readCapacity",
            "globalSecondaryIndexes[].warmThroughput",
            "globalSecondaryIndexes[].writeCapacity",
            "onDemandThroughput.maxReadRequestUnits",
            "onDemandThroughput.maxWriteRequestUnits",
            "pointInTimeRecovery.recoveryPeriodInDays",
            "serverSideEncryption.kmsKeyArn",
        }
    )
    replaces = frozenset(
        {
            "hashKey",
            "importTable",
            "localSecondaryIndexes",
            "name",
            "rangeKey",
            "restoreDateTime",
            "restoreToLatestTime",
        }
    )
    sets = frozenset({"attributes", "globalSecondaryIndexes", "localSecondaryIndexes", "nonKeyAttributes", "replicas"})
    conflicts = (("readCapacity", "onDemandThroughput"), ("writeCapacity", "onDemandThroughput"))
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "attributes[].type": ("B", "N", "S"),
        "billingMode": ("PROVISIONED", "PAY_PER_REQUEST"),
        "streamViewType": ("NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"),
        "tableClass": ("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
    }
    bounds: ClassVar[Table] = {"pointInTimeRecovery.recoveryPeriodInDays": (1, 35)}
    unsupported: ClassVar[dict[str, str]] = {
        "globalTableWitness": "one region",
        "importTable": "a table without it, and put the items",
        "replicas": "one region",
        "restoreBackupArn": "a new table",
        "restoreSourceName": "a new table",
        "restoreSourceTableArn": "a new table",
    }

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:
        """Want capacity of a provisioned table, and every attribute used as a key."""
        if inputs["billingMode"] == "PROVISIONED":
            for prop in ("readCapacity", "writeCapacity"):
                if inputs.get(prop) in (None, 0):
                    yield prop, "must be at least 1 when billingMode is PROVISIONED"
        defined, used = form.attribute_names(inputs), form.key_names(inputs)
        if defined is not None and used is not None and defined != used:
            unused, missing = sorted(defined - used), sorted(used - defined)
            yield "attributes", f"all attributes must be indexed; unused: {unused}, not defined: {missing}"

    def unsettled(self, changed: set[str], _: Table) -> set[str]:
        """Tell that a changed stream is a new stream."""
        return {"streamArn", "streamLabel"} if changed & {"streamEnabled", "streamViewType"} else set()

    def create(self, call: Call) -> str:
        """Create with keys, indexes, capacity, stream, encryption and tags."""
        name = naming.creation_name(self, call.inputs)
        call.client("dynamodb").create_table(**form.creation(name, call.inputs))
        return name

    def settle(self, call: Call) -> None:
        """Wait for the table, then set expiry and recovery, which have calls of their own."""
        self._wait(call)
        self._expire(call)
        self._recover(call)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read the table, its expiry, its recovery and its tags."""
        client = call.client("dynamodb")
        table = client.describe_table(TableName=call.id)["Table"]
        ttl = client.describe_time_to_live(TableName=call.id)["TimeToLiveDescription"]
        backups = client.describe_continuous_backups(TableName=call.id)["ContinuousBackupsDescription"]
        return {
            **form.read(table),
            **TAGS.read(client, table["TableArn"]),
            "pointInTimeRecovery": form.recovery(backups),
            "region": client.meta.region_name,
            "ttl": form.expiry(ttl),
        }

    def update(self, call: Call) -> None:
        """Send each kind of change with a call of its own: DynamoDB takes one at a time."""
        client = call.client("dynamodb")
        for change in form.updates(call.old, call.inputs):
            client.update_table(TableName=call.id, **change)
            self._wait(call)
        if call.changed("ttl"):
            self._expire(call)
        if call.changed("pointInTimeRecovery"):
            self._recover(call)
        if call.changed("tagsAll"):
            arn = str(call.state["arn"])
            TAGS.change(client, arn, call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete and wait until it is gone. A protected table refuses."""
        call.client("dynamodb").delete_table(TableName=call.id)
        aws_clients.wait(lambda: self._status(call) is None, f"table {call.id} deleted")

    def _wait(self, call: Call) -> None:
        aws_clients.wait(lambda: self._status(call) == "ACTIVE", f"table {call.id} active")

    def _status(self, call: Call) -> str | None:
        """Return ACTIVE only when the indexes are active too."""
        try:
            table = call.client("dynamodb").describe_table(TableName=call.id)["Table"]
        except Exception as error:
            if aws_clients.is_gone(error):
                return None
            raise
        indexes = [each.get("IndexStatus", "ACTIVE") for each in table.get("GlobalSecondaryIndexes") or []]
        return next((each for each in [table["TableStatus"], *indexes] if each != "ACTIVE"), "ACTIVE")

    def _expire(self, call: Call) -> None:
        client, wanted = call.client("dynamodb"), call.inputs.get("ttl") or {}
        now = form.expiry(client.describe_time_to_live(TableName=call.id)["TimeToLiveDescription"])
        attribute = wanted.get("attributeName") or now["attributeName"]
        if attribute and bool(wanted.get("enabled")) != now["enabled"]:
            specification = {"AttributeName": attribute, "Enabled": bool(wanted.get("enabled"))}
            client.update_time_to_live(TableName=call.id, TimeToLiveSpecification=specification)

    def _recover(self, call: Call) -> None:
        wanted, old = call.inputs.get("pointInTimeRecovery") or {}, call.old.get("pointInTimeRecovery") or {}
        if not wanted.get("enabled") and not old.get("enabled"):
            return
        specification: dict[str, Any] = {"PointInTimeRecoveryEnabled": bool(wanted.get("enabled"))}
        if wanted.get("enabled") and wanted.get("recoveryPeriodInDays"):
            specification["RecoveryPeriodInDays"] = wanted["recoveryPeriodInDays"]
        call.client("dynamodb").update_continuous_backups(
            TableName=call.id, PointInTimeRecoverySpecification=specification
        )


KINDS = (TableKind(),)
