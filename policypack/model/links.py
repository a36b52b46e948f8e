"""References between resources: what a value spells, and who refers to whom."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from policypack.model.arn import account_of, function_name, is_arn, last_name, parse_arn, table_name
from policypack.model.types import FUNCTION, TABLE
from policypack.model.values import Undecided, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policypack.model.resource import Resource
    from policypack.model.stack import Stack

NAMES = ("arn", "id", "name", "url", "qualifiedArn", "invokeArn", "streamArn")
"""The properties by whose values other resources refer to one."""
_FEW: Final = 32
"""How many that share a role elsewhere a growing stack shows, beside the newest: it is asked with each that joins."""

_NAMES_IN_ARNS: Final = {FUNCTION: function_name, TABLE: table_name}
"""How to read the name in the last segment of an ARN, where it is not what follows the last slash."""


def identifiers_of(resource: Resource) -> Iterator[str]:
    """Everything known by which others may refer to a resource."""
    for path in NAMES:
        if isinstance(value := resource.get(path), str):
            yield str.__str__(value)


def possible_identifiers(value: str, type_: str) -> Iterator[str]:
    """A reference as it stands, then the name inside it, for the types whose ARNs hold their name."""
    yield value
    if is_arn(value):
        if (arn := parse_arn(value)) is not None:
            yield _NAMES_IN_ARNS.get(type_, last_name)(arn.resource)
    elif type_ == FUNCTION:
        yield value.partition(":")[0]


class ReferenceIndex:
    """Who refers to a resource, for one kind of reference. Grows with the stack: each resource is looked at once."""

    def __init__(self, stack: Stack, paths: Mapping[str, str], *targets: str) -> None:
        self._stack, self._paths, self._targets = stack, paths, targets
        self._seen = 0
        self._by_spelling: dict[str, list[Resource]] = {}
        self._undecided: list[tuple[str, list[str]]] = []
        self._doubtful = ""
        self._found: dict[str, list[Resource]] = {}

    def referrers_of(self, target: Resource) -> Iterator[Resource]:
        """The resources that refer to the target; raises `Undecided` at the end where it cannot be told of one.

        That is also where two refer to one name in different accounts, and the target's own is not known.
        """
        self._catch_up()
        if not self._stack.complete:
            found = self._search(target)  # a growing stack asks for a few of them, and then grows
        else:
            if target.urn not in self._found:
                self._found[target.urn] = list(self._search(target))
            found = iter(self._found[target.urn])
        accounts: set[str] = set()
        for resource in found:
            path = self._paths[resource.type]
            if account := account_of(resource.get(path)):
                accounts.add(account)
                if len(accounts) > 1:
                    raise Undecided(path)
            yield resource
        for path, dependencies in self._undecided:
            if not dependencies or target.urn in dependencies:
                raise Undecided(path)

    def referrers_by_arn(self, arn: str) -> Iterator[Resource]:
        """The resources that refer to something by this very ARN; `Undecided` where one's reference may yet be it."""
        self._catch_up()
        if is_arn(arn):
            found = self._by_spelling.get(arn, [])
            shown = found if self._stack.complete else chain(found[:_FEW], found[-1:] if len(found) > _FEW else ())
            yield from shown
            if self._doubtful:
                raise Undecided(self._doubtful)

    def _search(self, target: Resource) -> Iterator[Resource]:
        found: set[str] = set()
        for spelling in (target.urn, *identifiers_of(target)):
            for resource in self._by_spelling.get(spelling, ()):
                if resource.urn not in found:
                    found.add(resource.urn)
                    if self._stack.linked(resource, self._paths[resource.type], *self._targets) is target:
                        yield resource

    def _catch_up(self) -> None:
        resources = self._stack.resources
        if self._seen < len(resources):
            self._found.clear()
        for resource in resources[self._seen :]:
            path = self._paths.get(resource.type)
            value = resource.get(path) if path else None
            if path is None or value is None:
                continue
            dependencies = [urn for urn in resource.dependencies_of(path) if _type_in(urn) in self._targets]
            if is_unknown(value) and len(dependencies) != 1:
                self._undecided.append((path, dependencies))
                self._doubtful = self._doubtful or ("" if dependencies else path)
                continue
            names = dependencies if is_unknown(value) else [*_all_spellings(value, self._targets), *dependencies]
            for name in dict.fromkeys(names):
                self._by_spelling.setdefault(name, []).append(resource)
        self._seen = len(resources)


def _all_spellings(value: object, targets: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str):
        for target in targets:
            yield from possible_identifiers(value, target)


def _type_in(urn: str) -> str:
    """The type in a URN: the last of `parent$child` in `urn:pulumi:stack::project::TYPES::name`."""
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) > 2 else ""  # noqa: PLR2004 - the third part
