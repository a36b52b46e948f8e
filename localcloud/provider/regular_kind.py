"""Resource types with a regular API: one call each to create, describe, update and delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import api_parameters, naming
from localcloud.provider.resource_kind import Call, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Tags:
    """The tagging API of a service: operations, the parameter that names the resource, and the format of tags.

    pairs: member names of the pairs if tags are a list, None if they are a map.
    """

    put: str
    drop: str
    ask: str
    resource: str
    tags: str = "Tags"
    keys: str = "TagKeys"
    answer: str = "Tags"
    pairs: tuple[str, str] | None = ("Key", "Value")

    def write(self, tags: Mapping[str, Any]) -> Any:
        """Convert tags to the format of the API."""
        return api_parameters.pairs(tags, *self.pairs) if self.pairs else dict(tags)

    def change(self, client: Any, resource: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Remove and add tags."""
        gone = [key for key in old if key not in new]
        fresh = {key: value for key, value in new.items() if old.get(key) != value}
        if gone:
            getattr(client, self.drop)(**{self.resource: resource, self.keys: gone})
        if fresh:
            getattr(client, self.put)(**{self.resource: resource, self.tags: self.write(fresh)})

    def read(self, client: Any, resource: str) -> dict[str, Any]:
        """Return `tags` and `tagsAll` of a resource."""
        described = getattr(client, self.ask)(**{self.resource: resource}).get(self.answer) or {}
        tags = api_parameters.unpaired(described, *self.pairs) if self.pairs else dict(described)
        return tagged(tags)


def tagged(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource's tags as the properties `tags` and `tagsAll`."""
    return {"tags": dict(tags), "tagsAll": dict(tags)}


class RegularKind(Kind):
    """A resource type with regular operations.

    making, asking, changing, removing: boto3's names of the operations; changing is empty if only tags can be changed.
    identity: the parameter with the id. inside: the member of the response with the resource. renames: see
    api_parameters. tagging_by: the property that the tag operations expect.
    """

    making: ClassVar[str]
    asking: ClassVar[str]
    changing: ClassVar[str] = ""
    removing: ClassVar[str]
    identity: ClassVar[str]
    inside: ClassVar[str] = ""
    renames: ClassVar[api_parameters.Renames] = {}
    tagging: ClassVar[Tags | None] = None
    tagging_by: ClassVar[str] = "arn"

    def request(self, call: Call, operation: str) -> dict[str, Any]:
        """Return the parameters of an operation."""
        return api_parameters.parameters(call.client(self.service), operation, call.inputs, self.renames)

    def create(self, call: Call) -> str:
        """Create with one call; the id is the name."""
        name = naming.creation_name(self, call.inputs)
        params = {**self.request(call, self.making), self.identity: name}
        if self.tagging and call.inputs.get("tagsAll"):
            params[self.tagging.tags] = self.tagging.write(call.inputs["tagsAll"])
        else:
            params.pop("Tags", None)
        getattr(call.client(self.service), self.making)(**params)
        return name

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe with one call, and read tags."""
        client = call.client(self.service)
        answer = self.answer(self.describe(call))
        if answer is None:
            return None
        found = api_parameters.properties(self.schema.properties, answer, self.renames)
        if self.tagging:
            found.update(self.tagging.read(client, str(found.get(self.tagging_by) or call.id)))
        return {**found, **self.named(found), "region": client.meta.region_name}

    def describe(self, call: Call) -> dict[str, Any]:
        """Describe the resource."""
        response: dict[str, Any] = getattr(call.client(self.service), self.asking)(**self.where(call))
        return response

    def where(self, call: Call) -> dict[str, Any]:
        """Return the parameters that identify the resource."""
        return {self.identity: call.id}

    def answer(self, response: dict[str, Any]) -> dict[str, Any] | None:
        """Return the description in a response; None if there is none."""
        if not self.inside:
            return response
        found = response.get(self.inside)
        return (found[0] if found else None) if isinstance(found, list) else found

    def named(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Return the name prefix, which no API returns: the name without its unique suffix."""
        if self.name is None or self.name_prefix is None:
            return {}
        return {self.name_prefix: prefix_of(str(found.get(self.name.prop, "")))}

    def update(self, call: Call) -> None:
        """Update with one call, then tags."""
        client = call.client(self.service)
        rest = [prop for prop in self.schema.inputs.types if prop != "tags"]
        if self.changing and call.changed(*rest):
            params = {**self.request(call, self.changing), **self.where(call)}
            params.pop("Tags", None)
            getattr(client, self.changing)(**params)
        self.retag(call)

    def retag(self, call: Call) -> None:
        """Update tags."""
        if self.tagging and call.changed("tagsAll"):
            resource = str(call.state.get(self.tagging_by) or call.id)
            old, new = call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {})
            self.tagging.change(call.client(self.service), resource, old, new)

    def delete(self, call: Call) -> None:
        """Delete with one call."""
        getattr(call.client(self.service), self.removing)(**self.where(call))


UNIQUE = 26
"""Characters that Terraform adds to a name prefix: 18 digits of time, 8 hex digits."""


def prefix_of(name: str) -> str:
    """Return the prefix of a name with a unique suffix, from Terraform or naming.creation_name; else an empty text."""
    ending = name.removesuffix(".fifo")[-UNIQUE:]
    stamped = len(ending) == UNIQUE and ending[:18].isdigit() and all(c in "0123456789abcdef" for c in ending[18:])
    return name.removesuffix(".fifo")[:-UNIQUE] if stamped else ""
