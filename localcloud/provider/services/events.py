"""EventBridge: buses, rules, archives. Targets are in events_target.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from localcloud.provider import api_parameters, naming
from localcloud.provider.regular_kind import RegularKind, Tags, prefix_of
from localcloud.provider.resource_kind import Call, Kind, Name, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT_BUS: Final = "default"
TAGS = Tags(put="tag_resource", drop="untag_resource", ask="list_tags_for_resource", resource="ResourceARN")


class EventBus(RegularKind):
    """A bus. Its id is its name."""

    urn_type = "aws:cloudwatch/eventBus:EventBus"
    service = "events"
    name = Name()
    making, asking, changing, removing = (
        "create_event_bus",
        "describe_event_bus",
        "update_event_bus",
        "delete_event_bus",
    )
    identity = "Name"
    tagging = TAGS
    replaces = frozenset({"eventSourceName", "name"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "logConfig.includeDetail": ("FULL", "NONE"),
        "logConfig.level": ("ERROR", "INFO", "OFF", "TRACE"),
    }

    def request(self, call: Call, operation: str) -> dict[str, Any]:
        """Say in an update what is taken away, which would otherwise stay."""
        params = super().request(call, operation)
        if operation == self.changing:
            for prop, name in (("description", "Description"), ("kmsKeyIdentifier", "KmsKeyIdentifier")):
                if call.old.get(prop) and not call.inputs.get(prop):
                    params[name] = ""
            if call.old.get("deadLetterConfig") and not call.inputs.get("deadLetterConfig"):
                params["DeadLetterConfig"] = {}
        return params


class EventRule(Kind):
    """A rule of a bus. Its id is its name, after BUS/ if the bus is not the default one."""

    urn_type = "aws:cloudwatch/eventRule:EventRule"
    service = "events"
    name = Name(longest=64)
    defaults: ClassVar[Table] = {"eventBusName": DEFAULT_BUS, "forceDestroy": False}
    replaces = frozenset({"eventBusName", "name", "namePrefix"})
    documents = frozenset({"eventPattern"})
    conflicts = (("state", "isEnabled"),)  # an import says the first
    quiet = kept = frozenset({"isEnabled", "state"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "state": ("DISABLED", "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    }

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:
        """Want something that starts it."""
        if "eventPattern" not in inputs and "scheduleExpression" not in inputs:
            yield "eventPattern", "one of eventPattern, scheduleExpression must be set"

    def create(self, call: Call) -> str:
        """Put it, with tags."""
        name = naming.creation_name(self, call.inputs)
        tags = call.inputs.get("tagsAll")
        self._put(call, name, {"Tags": api_parameters.pairs(tags)} if tags else {})
        bus = call.inputs["eventBusName"]
        return name if bus == DEFAULT_BUS else f"{bus}/{name}"

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it."""
        client = call.client("events")
        bus, name = rule_place(call.id)
        described = client.describe_rule(Name=name, EventBusName=bus)
        return {
            **api_parameters.properties(self.schema.properties, described, {}),
            **TAGS.read(client, described["Arn"]),
            "eventBusName": bus,
            "isEnabled": described["State"] != "DISABLED",
            "namePrefix": prefix_of(name),
            "region": client.meta.region_name,
        }

    def update(self, call: Call) -> None:
        """Put it again, and retag."""
        rest = [prop for prop in self.schema.inputs.types if prop not in ("tags", "forceDestroy")]
        if call.changed(*rest):
            self._put(call, rule_place(call.id)[1], {})
        if call.changed("tagsAll"):
            old, new = call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {})
            TAGS.change(call.client("events"), str(call.state["arn"]), old, new)

    def delete(self, call: Call) -> None:
        """Delete; its targets first where that was asked for."""
        client = call.client("events")
        bus, name = rule_place(call.id)
        if call.known("forceDestroy"):
            targets = client.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
            if targets:
                client.remove_targets(Rule=name, EventBusName=bus, Ids=[each["Id"] for each in targets])
        client.delete_rule(Name=name, EventBusName=bus)

    def _put(self, call: Call, name: str, more: Mapping[str, Any]) -> None:
        client = call.client("events")
        params = api_parameters.parameters(client, "put_rule", {**call.inputs, "tags": {}}, {})
        params.pop("Tags", None)
        enabled = call.inputs.get("isEnabled", True)
        params.setdefault("State", "ENABLED" if enabled else "DISABLED")
        client.put_rule(**{**params, "Name": name, **more})


class EventArchive(RegularKind):
    """An archive of a bus's events. Its id is its name."""

    urn_type = "aws:cloudwatch/eventArchive:EventArchive"
    service = "events"
    name = Name(longest=48)
    making, asking, changing, removing = "create_archive", "describe_archive", "update_archive", "delete_archive"
    identity = "ArchiveName"
    renames: ClassVar[api_parameters.Renames] = {"arn": "ArchiveArn", "name": "ArchiveName"}
    defaults: ClassVar[Table] = {"retentionDays": 0}
    replaces = frozenset({"eventSourceArn", "name"})
    documents = frozenset({"eventPattern"})

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it. Its ARN is built: describing does not always tell it."""
        found = super().read(call)
        if found is not None:
            found["arn"] = call.cloud.arn("events", f"archive/{call.id}", call.client("events").meta.region_name)
        return found


def rule_place(identity: str) -> tuple[str, str]:
    """Return bus and name of a rule's id. A bus may be named by its ARN, which has a slash of its own."""
    bus, _, name = identity.rpartition("/")
    return bus or DEFAULT_BUS, name


KINDS = (EventBus(), EventRule(), EventArchive())
