"""The engine's resources, decoded when a rule first looks at one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.host.wire import decode
from policypack.model import Resource

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2


class WireResource(Resource):
    """A resource of a request. Its properties and dependencies are decoded once, at the first look."""

    __slots__ = ("wire",)

    def __init__(self, wire: analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource) -> None:
        # Not the parent's __init__: the slots it would fill are filled by __getattr__ below.
        self._resource, self._prefix, self.wire = self, "", wire
        self.urn, self.type = wire.urn, wire.type
        self.name = wire.name or wire.urn.rpartition("::")[2]
        self.protect = wire.options.protect

    def __getattr__(self, name: str) -> Any:
        """Fill a slot at its first use."""
        match name:
            case "value":
                self.value = decode(self.wire.properties)
            case "parent":
                self.parent = getattr(self.wire, "parent", "") or self.wire.options.parent
            case "dependencies":
                self.dependencies = tuple(getattr(self.wire, "dependencies", ()))
            case "property_dependencies":
                entries = getattr(self.wire, "propertyDependencies", {})
                self.property_dependencies = {key: tuple(entry.urns) for key, entry in entries.items()}
            case _:
                raise AttributeError(name)
        return object.__getattribute__(self, name)
