"""A resource as a rule sees it: its type, its name, and its properties by path."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from policypack.model.values import Unknown, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[str | int, ...]:
    """Split `productionVariants[0].instanceType` into its keys and indexes."""
    return tuple(int(index) if index else key for index, key in _STEP.findall(path))


def type_in_urn(urn: str) -> str:
    """The type in a URN: the last one of `PARENT$CHILD` in `urn:pulumi:STACK::PROJECT::TYPES::NAME`."""
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""  # noqa: PLR2004 - stack, project, types, name


class Location(msgspec.Struct, frozen=True):
    """Where a finding points: a resource, and the path of one of its properties ("" for the resource as a whole)."""

    resource: Resource
    path: str = ""


class Node:
    """A resource's properties, or a part of them, read by path."""

    __slots__ = ("_prefix", "_resource", "value")

    def __init__(self, resource: Resource, prefix: str, value: Any) -> None:
        self._resource, self._prefix, self.value = resource, prefix, value

    def get(self, path: str, default: Any = None) -> Any:
        """The value at a path; the default where it is absent or null; an `Unknown` where it is not known yet."""
        node = self.value
        for step in steps(path):
            match node:
                case dict():
                    node = node.get(step)
                case list() if isinstance(step, int):
                    node = node[step] if step < len(node) else None
                case Unknown():
                    return node
                case _:
                    return default
        return default if node is None else node

    def has(self, path: str) -> bool:
        """Whether the property is set, even to a value that is not known yet. Providers write "" for unset text."""
        value = self.get(path)
        return value is not None and (is_unknown(value) or value != "")

    def each(self, path: str) -> Iterator[Node]:
        """Go through the elements of a list; none where there is no list; raises `Undecided` where it is unknown."""
        found = self.get(path, ())
        for index, item in enumerate(found if isinstance(found, list) or is_unknown(found) else ()):
            yield Node(self._resource, f"{self._prefix}{path}[{index}].", item)

    def at(self, path: str = "") -> Location:
        """Where this property is, for a finding about it."""
        return Location(self._resource, f"{self._prefix}{path}".rstrip("."))


class Resource(Node):
    """One resource of the program.

    `urn`, `type` (`aws:sqs/queue:Queue`) and `name` (the program's) identify it. `value` holds its properties in
    camelCase: checked inputs while it registers, outputs in the whole stack. `dependencies` are URNs;
    `property_dependencies` maps a top-level property to the URNs that its value was made from, known only in the
    whole stack. `protect` and `parent` are the resource options of the same name.
    """

    __slots__ = ("dependencies", "name", "parent", "property_dependencies", "protect", "type", "urn")

    def __init__(
        self,
        urn: str,
        type_: str,
        name: str,
        properties: dict[str, Any],
        *,
        parent: str = "",
        protect: bool = False,
        dependencies: Sequence[str] = (),
        property_dependencies: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(self, "", properties)
        self.urn, self.type, self.name = urn, type_, name
        self.parent, self.protect = parent, protect
        self.dependencies, self.property_dependencies = dependencies, property_dependencies or {}

    def dependencies_of(self, path: str) -> Sequence[str]:
        """The URNs that a property's value was made from: all those of its top-level property."""
        return self.property_dependencies.get(path.partition(".")[0].partition("[")[0], ())

    def __repr__(self) -> str:
        return f"<{self.type} {self.name}>"
