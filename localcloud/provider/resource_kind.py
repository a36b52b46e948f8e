"""The definition of a resource type: a table (names, defaults, replacement) and its CRUD calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from localcloud.provider import schema

if TYPE_CHECKING:
    from localcloud.provider.aws_clients import Cloud

Table = Mapping[str, Any]
"""Values by path, in a Kind's table."""

ALL: Final = frozenset({"*"})
"""Every property, in a Kind's `replaces`."""


@dataclass(frozen=True, kw_only=True)
class Name:
    """How the official provider names a resource without an explicit name: URN name, hyphen, 7 hex digits.

    prop: the property. longest: maximum length of the whole name. start: what the name must begin with. random: number
    of hex digits, 0 for the logical name unchanged. fifo: the boolean property that makes the name end in .fifo.
    Source: resource_overrides.go of pulumi-aws.
    """

    prop: str = "name"
    longest: int = 255
    random: int = 7
    lower: bool = False
    start: str = ""
    fifo: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request about one resource.

    inputs, old: checked inputs now and before, including the schema's defaults. state: the outputs before.
    """

    cloud: Cloud
    id: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    old: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client for the resource's region."""
        return self.cloud.client(service, self.known("region"))

    def known(self, prop: str) -> Any:
        """Return a property from the inputs, else from the state; None if neither has it, as in an import."""
        return self.inputs.get(prop, self.state.get(prop))

    def changed(self, *props: str) -> bool:
        """Whether one of the properties has changed."""
        return any(self.inputs.get(prop) != self.old.get(prop) for prop in props)


class Kind(ABC):
    """A resource type. Subclasses define the table and implement create, read, update and delete.

    Paths in the table: `ttl.enabled`, `productionVariants[].variantName`.

    defaults: of Terraform's schema. Check adds only truthy ones to the inputs, as the bridge does since 3.127; all of
    them are in the outputs. computed: parts of objects that AWS computes; unknown in previews. replaces: properties
    that force a replacement. sets: lists without order. documents: JSON texts. conflicts: groups of which at most one
    may be set. one_of: groups of which exactly one must be set. quiet: inputs that AWS may change as long as the
    program does not set them. kept: inputs that are unchanged if the program removes them, although AWS does not
    compute them. unsupported: inputs that this provider does not implement, with an alternative.
    """

    urn_type: ClassVar[str]
    service: ClassVar[str]
    name: ClassVar[Name | None] = None
    inner_names: ClassVar[Mapping[str, Name]] = {}
    defaults: ClassVar[Table] = {}
    computed: ClassVar[frozenset[str]] = frozenset()
    replaces: ClassVar[frozenset[str]] = frozenset()
    sets: ClassVar[frozenset[str]] = frozenset()
    documents: ClassVar[frozenset[str]] = frozenset()
    conflicts: ClassVar[tuple[tuple[str, ...], ...]] = ()
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {}
    quiet: ClassVar[frozenset[str]] = frozenset()
    kept: ClassVar[frozenset[str]] = frozenset()
    unsupported: ClassVar[Mapping[str, str]] = {}
    delete_first: ClassVar[bool] = False

    @cached_property
    def schema(self) -> schema.ResourceSchema:
        """Names and types of the properties."""
        return schema.resource(self.urn_type)

    @cached_property
    def name_prefix(self) -> str | None:
        """Return the property for a name prefix, if the type has one."""
        prefix = f"{self.name.prop}Prefix" if self.name else ""
        return prefix if prefix in self.schema.inputs.types else None

    @cached_property
    def named_conflicts(self) -> tuple[tuple[str, ...], ...]:
        """All groups of which at most one may be set, including name and name prefix."""
        own = ((self.name.prop, self.name_prefix),) if self.name and self.name_prefix else ()
        return self.conflicts + own

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - for subclasses
        """Yield path and reason of invalid combinations of properties that the official provider reports in Check."""
        yield from ()

    def unsettled(self, changed: set[str], inputs: Table, /) -> set[str]:  # noqa: ARG002 - for subclasses
        """Return the outputs that AWS computes again after a change; they are unknown in an update's preview."""
        return set()

    @abstractmethod
    def create(self, call: Call) -> str:
        """Create the resource and return its id. An error after this (see settle) does not lose the resource."""

    def settle(self, call: Call) -> None:  # noqa: B027 - most kinds have nothing left to do
        """Complete the creation: settings with calls of their own, and waiting."""

    @abstractmethod
    def read(self, call: Call) -> dict[str, Any] | None:
        """Return the properties from AWS with Pulumi's names; None if the resource does not exist."""

    @abstractmethod
    def update(self, call: Call) -> None:
        """Update the resource from call.old to call.inputs."""

    @abstractmethod
    def delete(self, call: Call) -> None:
        """Delete the resource. May raise AWS's not-found error."""
