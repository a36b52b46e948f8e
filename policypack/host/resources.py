"""The engine's resources, decoded when a rule first looks at one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from policypack.host.wire import decode
from policypack.model import Resource, is_unknown

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi.runtime.proto import analyzer_pb2

    from policypack.judge.secrets import Secrets

_IDENTITY: Final = re.compile(r"(?:^|[a-z])(?:arn|id|url|name|version|endpoint)$", re.IGNORECASE)
"""Properties that AWS gives every resource: the program cannot set them, so that it did not says nothing."""


def without_defaults(outputs: dict[str, Any], asked: Collection[str]) -> dict[str, Any]:
    """A resource's outputs as a preview should be judged: what AWS will fill in by itself is absent, not unknown.

    `asked` are the properties that the program set. The provider calls every property unknown that AWS may fill in
    (a role's inlinePolicies, for one), which would leave each rule about it undecided, whatever the program says.
    """
    return {
        key: value
        for key, value in outputs.items()
        if key in asked or not is_unknown(value) or _IDENTITY.search(key) is not None
    }


class WireResource(Resource):
    """A resource of a request. Its properties and dependencies are decoded once, at the first look."""

    __slots__ = ("asked", "secrets", "wire")

    def __init__(
        self,
        wire: analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource,
        asked: Collection[str] | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        # Not the parent's __init__: the slots it would fill are filled by __getattr__ below.
        self._resource, self._prefix, self.wire, self.asked, self.secrets = self, "", wire, asked, secrets
        self.urn, self.type = wire.urn, wire.type
        self.name = wire.name or wire.urn.rpartition("::")[2]
        self.protect = wire.options.protect

    def __getattr__(self, name: str) -> Any:
        """Fill a slot at its first use."""
        match name:
            case "value":
                decoded = decode(self.wire.properties)
                self.value = decoded if self.asked is None else without_defaults(decoded, self.asked)
                if self.secrets is not None:
                    self.secrets.look_at(self)
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
