"""Kinds whose API is regular: one call each to create, describe, update and delete, with structured parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import naming, shapes
from localcloud.provider.kind import Call, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Tags:
    """How a service tags: operations, the parameter that names the resource, and the form of tags and answers.

    pairs: names of the pair's members where tags are a list, None where they are a map.
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
        """Put tags into the form of the API."""
        return shapes.pairs(tags, *self.pairs) if self.pairs else dict(tags)

    def change(self, client: Any, resource: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Drop the tags that are no more, put those that are new or changed."""
        gone = [key for key in old if key not in new]
        fresh = {key: value for key, value in new.items() if old.get(key) != value}
        if gone:
            getattr(client, self.drop)(**{self.resource: resource, self.keys: gone})
        if fresh:
            getattr(client, self.put)(**{self.resource: resource, self.tags: self.write(fresh)})

    def read(self, client: Any, resource: str) -> dict[str, Any]:
        """Return `tags` and `tagsAll` of a resource."""
        told = getattr(client, self.ask)(**{self.resource: resource}).get(self.answer) or {}
        tags = shapes.unpaired(told, *self.pairs) if self.pairs else dict(told)
        return tagged(tags)


def tagged(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource's tags as both properties."""
    return {"tags": dict(tags), "tagsAll": dict(tags)}


class Shaped(Kind):
    """A kind with regular operations.

    making, asking, changing, removing: boto3's names of the operations; changing is empty where nothing but tags can be
    changed. identity: the parameter that holds the id. inside: where the answer is nested. renames: see shapes.
    tagging_by: the property that the tag operations want.
    """

    making: ClassVar[str]
    asking: ClassVar[str]
    changing: ClassVar[str] = ""
    removing: ClassVar[str]
    identity: ClassVar[str]
    inside: ClassVar[str] = ""
    renames: ClassVar[shapes.Renames] = {}
    tagging: ClassVar[Tags | None] = None
    tagging_by: ClassVar[str] = "arn"

    def request(self, call: Call, operation: str) -> dict[str, Any]:
        """Build the parameters of an operation from the inputs."""
        return shapes.parameters(call.client(self.service), operation, call.inputs, self.renames)

    def create(self, call: Call) -> str:
        """Create with one call; the id is the name."""
        name = naming.given(self, call.inputs)
        params = {**self.request(call, self.making), self.identity: name}
        if self.tagging and call.inputs.get("tagsAll"):
            params[self.tagging.tags] = self.tagging.write(call.inputs["tagsAll"])
        else:
            params.pop("Tags", None)
        getattr(call.client(self.service), self.making)(**params)
        return name

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe with one call, and ask for tags."""
        client = call.client(self.service)
        answer = self.answer(self.describe(call))
        if answer is None:
            return None
        found = shapes.properties(self.schema.properties, answer, self.renames)
        if self.tagging:
            found.update(self.tagging.read(client, str(found.get(self.tagging_by) or call.id)))
        return {**found, **self.named(found), "region": client.meta.region_name}

    def describe(self, call: Call) -> dict[str, Any]:
        """Ask AWS for the resource."""
        response: dict[str, Any] = getattr(call.client(self.service), self.asking)(**self.where(call))
        return response

    def where(self, call: Call) -> dict[str, Any]:
        """Return the parameters that point at the resource."""
        return {self.identity: call.id}

    def answer(self, response: dict[str, Any]) -> dict[str, Any] | None:
        """Take what describes the resource out of a response; None where there is nothing."""
        if not self.inside:
            return response
        found = response.get(self.inside)
        return (found[0] if found else None) if isinstance(found, list) else found

    def named(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Tell the name's prefix, which no API knows: the name without its unique ending."""
        if self.name is None or self.name_prefix is None:
            return {}
        return {self.name_prefix: prefix_of(str(found.get(self.name.prop, "")))}

    def update(self, call: Call) -> None:
        """Change with one call, and tags with theirs."""
        client = call.client(self.service)
        rest = [prop for prop in self.schema.inputs.types if prop != "tags"]
        if self.changing and call.changed(*rest):
            params = {**self.request(call, self.changing), **self.where(call)}
            params.pop("Tags", None)
            getattr(client, self.changing)(**params)
        self.retag(call)

    def retag(self, call: Call) -> None:
        """Bring tags from old to new."""
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
    """Return the prefix of a name that Terraform, or naming.given, made from one; else nothing."""
    ending = name.removesuffix(".fifo")[-UNIQUE:]
    stamped = len(ending) == UNIQUE and ending[:18].isdigit() and all(c in "0123456789abcdef" for c in ending[18:])
    return name.removesuffix(".fifo")[:-UNIQUE] if stamped else ""
