"""References between resources: what a value may refer to, and which resources refer to one."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from policypack.model.arn import account_of, function_name, is_arn, last_name, parse_arn, table_name
from policypack.model.resource import type_in_urn
from policypack.model.types import FUNCTION, TABLE
from policypack.model.values import Undecided, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policypack.model.resource import Resource
    from policypack.model.stack import Stack

IDENTIFYING_PROPERTIES = ("arn", "id", "name", "url", "qualifiedArn", "invokeArn", "streamArn")
"""The properties whose values other resources use to refer to a resource."""
_MAX_SHOWN: Final = 32
"""While resources register, at most so many that share an external role are compared, and the newest one: the question
is asked again with each new resource."""

_NAMES_IN_ARNS: Final = {FUNCTION: function_name, TABLE: table_name}
"""How to find the name in the last segment of an ARN, for types where it is not what follows the last slash."""


def identifiers_of(resource: Resource) -> Iterator[str]:
    """The known values that other resources may use to refer to a resource."""
    for path in IDENTIFYING_PROPERTIES:
        if isinstance(value := resource.get(path), str):
            yield str.__str__(value)


def possible_identifiers(value: str, type_: str) -> Iterator[str]:
    """What a reference to a resource of a type may mean: the value as it is, then the name inside it."""
    yield value
    if is_arn(value):
        if (arn := parse_arn(value)) is not None:
            yield _NAMES_IN_ARNS.get(type_, last_name)(arn.resource)
    elif type_ == FUNCTION:
        yield value.partition(":")[0]


class ReferenceIndex:
    """Finds the resources that refer to a resource by one kind of property. Reads each resource of the stack once.

    `paths`: the referring property, by type. `targets`: the types that it refers to.
    """

    def __init__(self, stack: Stack, paths: Mapping[str, str], *targets: str) -> None:
        self._stack, self._paths, self._targets = stack, paths, targets
        self._seen = 0
        self._by_identifier: dict[str, list[Resource]] = {}
        self._undecided: list[tuple[str, list[str]]] = []
        self._unknown_path = ""
        self._found: dict[str, list[Resource]] = {}

    def referrers_of(self, target: Resource) -> Iterator[Resource]:
        """The resources that refer to the target; raises `Undecided` at the end if another may refer to it as well.

        Also raises it where two resources refer to this name in different accounts and that of the target is unknown.
        """
        self._catch_up()
        if not self._stack.complete:
            found = self._search(target)  # while resources register, callers stop after a few
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
        """The resources that refer to exactly this ARN; raises `Undecided` at the end if another may refer to it."""
        self._catch_up()
        if is_arn(arn):
            found = self._by_identifier.get(arn, [])
            limited = (
                found
                if self._stack.complete
                else chain(found[:_MAX_SHOWN], found[-1:] if len(found) > _MAX_SHOWN else ())
            )
            yield from limited
            if self._unknown_path:
                raise Undecided(self._unknown_path)

    def _search(self, target: Resource) -> Iterator[Resource]:
        found: set[str] = set()
        for identifier in (target.urn, *identifiers_of(target)):
            for resource in self._by_identifier.get(identifier, ()):
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
            dependencies = [urn for urn in resource.dependencies_of(path) if type_in_urn(urn) in self._targets]
            if is_unknown(value) and len(dependencies) != 1:
                self._undecided.append((path, dependencies))
                self._unknown_path = self._unknown_path or ("" if dependencies else path)
                continue
            names = dependencies if is_unknown(value) else [*_all_identifiers(value, self._targets), *dependencies]
            for name in dict.fromkeys(names):
                self._by_identifier.setdefault(name, []).append(resource)
        self._seen = len(resources)


def _all_identifiers(value: object, targets: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str):
        for target in targets:
            yield from possible_identifiers(value, target)
