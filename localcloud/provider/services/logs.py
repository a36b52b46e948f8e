"""CloudWatch Logs: log groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import naming
from localcloud.provider.regular_kind import Tags, prefix_of
from localcloud.provider.resource_kind import Call, Kind, Name, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

YEARS = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
RETENTIONS = (0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, *YEARS)
"""Days that CloudWatch Logs can keep logs; 0 is for ever. Source: API reference of PutRetentionPolicy."""

TAGS = Tags(
    put="tag_resource",
    drop="untag_resource",
    ask="list_tags_for_resource",
    resource="resourceArn",
    tags="tags",
    keys="tagKeys",
    answer="tags",
    pairs=None,
)


class LogGroup(Kind):
    """A log group. Its id is its name."""

    urn_type = "aws:cloudwatch/logGroup:LogGroup"
    service = "logs"
    name = Name()
    defaults: ClassVar[Table] = {"retentionInDays": 0, "skipDestroy": False}
    replaces = frozenset({"name", "namePrefix", "logGroupClass"})

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:
        """Want a retention that AWS knows."""
        days = inputs["retentionInDays"]
        if isinstance(days, int) and days not in RETENTIONS:
            yield "retentionInDays", f"expected one of {', '.join(map(str, RETENTIONS))}, got {days}"

    def create(self, call: Call) -> str:
        """Create with key, class and tags."""
        name = naming.creation_name(self, call.inputs)
        params: dict[str, Any] = {"logGroupName": name}
        for prop, key in (("kmsKeyId", "kmsKeyId"), ("logGroupClass", "logGroupClass"), ("tagsAll", "tags")):
            if call.inputs.get(prop):
                params[key] = call.inputs[prop]
        call.client("logs").create_log_group(**params)
        return name

    def settle(self, call: Call) -> None:
        """Set how long logs are kept."""
        self._retain(call)
        if call.inputs.get("deletionProtectionEnabled"):
            self._protect(call)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Find the group by its name."""
        client = call.client("logs")
        groups = client.describe_log_groups(logGroupNamePrefix=call.id)["logGroups"]
        group = next((each for each in groups if each["logGroupName"] == call.id), None)
        if group is None:
            return None
        arn = group["arn"].removesuffix(":*")
        return {
            **TAGS.read(client, arn),
            "arn": arn,
            "deletionProtectionEnabled": group.get(
                "deletionProtectionEnabled", call.known("deletionProtectionEnabled")
            ),
            "kmsKeyId": group.get("kmsKeyId", ""),
            "logGroupClass": group.get("logGroupClass", "STANDARD"),
            "name": call.id,
            "namePrefix": prefix_of(call.id),
            "region": client.meta.region_name,
            "retentionInDays": group.get("retentionInDays", 0),
        }

    def update(self, call: Call) -> None:
        """Change retention, key, protection and tags."""
        client = call.client("logs")
        if call.changed("retentionInDays"):
            self._retain(call)
        if call.changed("kmsKeyId") and call.inputs.get("kmsKeyId"):
            client.associate_kms_key(logGroupName=call.id, kmsKeyId=call.inputs["kmsKeyId"])
        elif call.changed("kmsKeyId"):
            client.disassociate_kms_key(logGroupName=call.id)
        if call.changed("deletionProtectionEnabled"):
            self._protect(call)
        if call.changed("tagsAll"):
            arn = call.cloud.arn("logs", f"log-group:{call.id}", client.meta.region_name)
            TAGS.change(client, arn, call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete, unless it is to be left behind."""
        if not call.known("skipDestroy"):
            call.client("logs").delete_log_group(logGroupName=call.id)

    def _retain(self, call: Call) -> None:
        days = call.inputs.get("retentionInDays")
        if days:
            call.client("logs").put_retention_policy(logGroupName=call.id, retentionInDays=days)
        elif call.old.get("retentionInDays"):
            call.client("logs").delete_retention_policy(logGroupName=call.id)

    def _protect(self, call: Call) -> None:
        wanted = bool(call.inputs.get("deletionProtectionEnabled"))
        call.client("logs").put_log_group_deletion_protection(
            logGroupIdentifier=call.id, deletionProtectionEnabled=wanted
        )


KINDS = (LogGroup(),)
