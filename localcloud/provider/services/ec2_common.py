"""EC2: what its resource types share. Tags come with the creation and with the description, and change one by one."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.provider import api_parameters
from localcloud.provider.regular_kind import tagged
from localcloud.provider.resource_kind import Call, Kind


class Ec2Kind(Kind):
    """A kind of EC2. resource: its name in tag specifications and ARNs."""

    service = "ec2"
    resource: ClassVar[str]

    def tags(self, call: Call) -> dict[str, Any]:
        """Return the parameter that tags what is created."""
        tags = call.inputs.get("tagsAll")
        if not tags:
            return {}
        return {"TagSpecifications": [{"ResourceType": self.resource, "Tags": api_parameters.pairs(tags)}]}

    def retag(self, call: Call) -> None:
        """Bring tags from old to new."""
        old, new = call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {})
        gone = [{"Key": key} for key in old if key not in new]
        fresh = {key: value for key, value in new.items() if old.get(key) != value}
        if gone:
            call.client("ec2").delete_tags(Resources=[call.id], Tags=gone)
        if fresh:
            call.client("ec2").create_tags(Resources=[call.id], Tags=api_parameters.pairs(fresh))

    def common(self, call: Call, described: dict[str, Any]) -> dict[str, Any]:
        """Return what every description tells: ARN, owner, tags."""
        region = call.client("ec2").meta.region_name
        found = {"region": region, **tagged(api_parameters.unpaired(described.get("Tags") or []))}
        if "arn" in self.schema.outputs:
            found["arn"] = call.cloud.arn("ec2", f"{self.resource}/{call.id}", region)
        if "ownerId" in self.schema.outputs:
            found["ownerId"] = described.get("OwnerId") or call.cloud.account
        return found


def only(found: list[Any]) -> Any:
    """Return the first of what was described, None where there is none."""
    return found[0] if found else None


def filters(**wanted: str) -> list[dict[str, Any]]:
    """Write filters; underscores in names are hyphens, two of them are a dot."""
    return [{"Name": name.replace("__", ".").replace("_", "-"), "Values": [value]} for name, value in wanted.items()]
