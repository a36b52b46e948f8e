"""What a resource type has to say: its table (names, defaults, what replaces) and its four calls to AWS."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from localcloud.provider import schema

if TYPE_CHECKING:
    from localcloud.provider.cloud import Cloud

Table = Mapping[str, Any]
"""Values by path, in a Kind's table."""

ALL: Final = frozenset({"*"})
"""Every property, in a Kind's `replaces`."""


@dataclass(frozen=True, kw_only=True)
class Name:
    """How the official provider names a resource that the program gave no name: URN name, hyphen, 7 hex digits.

    prop: the property. longest: of the whole name, in characters. start: what the name must begin with.
    random: hex digits, 0 for the logical name as it is. fifo: the boolean property that makes the name end in .fifo.
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

    inputs, old: checked inputs now and before, schema defaults included. state: the outputs before.
    """

    cloud: Cloud
    id: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    old: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client in the resource's own region."""
        return self.cloud.client(service, self.known("region"))

    def known(self, prop: str) -> Any:
        """Look a property up in the inputs, then in the state. None where neither has it, as in an import."""
        return self.inputs.get(prop, self.state.get(prop))

    def changed(self, *props: str) -> bool:
        """Tell whether one of the properties is another one than before."""
        return any(self.inputs.get(prop) != self.old.get(prop) for prop in props)


class Kind(ABC):
    """A resource type. Subclasses fill the table and write create, read, update and delete.

    Paths in the tables: `ttl.enabled`, `productionVariants[].variantName`.

    defaults: what Terraform's schema fills. Of these Check adds only the true ones to the inputs, as the bridge has
    done since 3.127; all of them show in the outputs.
    computed: parts of objects that AWS fills; unknown in previews.
    replaces: properties whose change makes a new resource. sets: lists without order. documents: JSON texts.
    conflicts: groups of which at most one may be set. one_of: groups of which exactly one must be.
    quiet: inputs whose value in AWS is its own affair as long as the program does not say them.
    kept: inputs that stay as they are when the program drops them, although AWS does not compute them.
    unsupported: inputs this provider cannot do, with what to use instead.
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
        """Return the property that gives only the beginning of the name, where the type has one."""
        prefix = f"{self.name.prop}Prefix" if self.name else ""
        return prefix if prefix in self.schema.inputs.types else None

    @cached_property
    def named_conflicts(self) -> tuple[tuple[str, ...], ...]:
        """All groups of which at most one may be set: name and name prefix too."""
        own = ((self.name.prop, self.name_prefix),) if self.name and self.name_prefix else ()
        return self.conflicts + own

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - for subclasses
        """Yield what is wrong between properties, as path and reason, where the official provider says so in Check."""
        yield from ()

    def unsettled(self, changed: set[str], inputs: Table, /) -> set[str]:  # noqa: ARG002 - for subclasses
        """Tell which outputs AWS computes anew after a change of inputs; an update's preview does not know them."""
        return set()

    @abstractmethod
    def create(self, call: Call) -> str:
        """Make the resource and return its id. What fails after this (see settle) does not lose the resource."""

    def settle(self, call: Call) -> None:  # noqa: B027 - most kinds have nothing left to do
        """Do what is left after create: settings that have calls of their own, and waiting."""

    @abstractmethod
    def read(self, call: Call) -> dict[str, Any] | None:
        """Return the properties that AWS tells, by Pulumi's names; None where the resource is gone."""

    @abstractmethod
    def update(self, call: Call) -> None:
        """Bring the resource from call.old to call.inputs."""

    @abstractmethod
    def delete(self, call: Call) -> None:
        """Remove the resource. A resource that is gone already may raise AWS's not-found error."""
