"""What an expression may stand for, as far as that matters for the calls to AWS."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class ValueKind(Enum):
    """What a value is. `name` of a value says which one."""

    OPAQUE = "anything that is no business of AWS's"
    STRING = "a text"
    BOTO = "boto3 itself or something of it, by its dotted name"
    CLIENT = "a client, by its service"
    RESOURCE = "a service resource, by its service"
    OBJECT = "an object of a resource, as s3.Bucket"
    NAMED_OPERATION = "what takes the name of an operation, as dynamodb.get_paginator"
    METHOD = "what an object's method gives once it is called, by the kind of object"
    OTHER_CREDENTIALS = "a client under other credentials than the role's"
    FUNCTION = "a function, by its key"
    BOUND_METHOD = "a function that has its first argument"
    CLASS = "a class, by its key"
    INSTANCE = "an object of a class"
    MODULE = "a module of the archive"
    EXTERNAL = "something from outside the archive, by its dotted name"
    COLLECTION = "a collection of any length"
    TUPLE = "a collection of known length"


class Value(NamedTuple):
    """One thing that an expression may stand for. `of`: what a collection holds, place by place."""

    kind: ValueKind
    name: str = ""
    items: tuple[frozenset[Value], ...] = ()


Values = frozenset[Value]
NO_VALUES: Final[Values] = frozenset()
OPAQUE: Final = frozenset((Value(ValueKind.OPAQUE),))
OTHER_CREDENTIALS: Final = frozenset((Value(ValueKind.OTHER_CREDENTIALS),))
_AWS_KINDS: Final = frozenset(
    (
        ValueKind.BOTO,
        ValueKind.CLIENT,
        ValueKind.RESOURCE,
        ValueKind.OBJECT,
        ValueKind.NAMED_OPERATION,
        ValueKind.METHOD,
    )
)
_MAX_STRINGS: Final = 16
_MAX_DEPTH: Final = 3  # collections within collections


def single(kind: ValueKind, name: str = "") -> Values:
    """A single value."""
    return frozenset((Value(kind, name),))


def union(parts: Iterable[Values]) -> Values:
    """All that several expressions may stand for."""
    return NO_VALUES.union(*parts)


def contains_aws_object(values: Values) -> bool:
    """Whether there is something among it by which AWS can be called."""
    return any(value.kind in _AWS_KINDS or any(map(contains_aws_object, value.items)) for value in values)


def collection_of(values: Values) -> Values:
    """A collection of these."""
    return frozenset((Value(ValueKind.COLLECTION, items=(_limit_depth(values, _MAX_DEPTH),)),))


def tuple_of(places: list[Values]) -> Values:
    """A collection that has these in its places."""
    return frozenset((Value(ValueKind.TUPLE, items=tuple(_limit_depth(values, _MAX_DEPTH) for values in places)),))


def elements_of(values: Values) -> Values:
    """What comes out of a collection."""
    found: set[Value] = set()
    for value in values:
        if value.items:
            found.update(*value.items)
        elif value.kind is ValueKind.OTHER_CREDENTIALS or (
            value.kind is ValueKind.OBJECT and value.name in COLLECTIONS
        ):
            found.add(
                value if value.kind is ValueKind.OTHER_CREDENTIALS else Value(ValueKind.OBJECT, COLLECTIONS[value.name])
            )
        else:
            found.update(OPAQUE)
    return frozenset(found)


def string_values(values: Values) -> frozenset[str] | None:
    """The texts that it may be; None where it may be something else."""
    if not values or any(value.kind is not ValueKind.STRING for value in values):
        return None
    return frozenset(value.name for value in values)


def limit_strings(values: Values) -> Values:
    """The same, without telling many texts apart."""
    kept = frozenset(value for value in values if value.kind is not ValueKind.STRING)
    return values if len(values) - len(kept) <= _MAX_STRINGS else kept | OPAQUE


def _limit_depth(values: Values, depth: int) -> Values:
    """The same, with collections this deep at most: deeper ones hold all they have in one place."""
    if not any(value.items for value in values):
        return limit_strings(values)
    found: set[Value] = set()
    for value in values:
        if not value.items:
            found.add(value)
        elif depth > 1:
            found.add(value._replace(items=tuple(_limit_depth(part, depth - 1) for part in value.items)))
        else:
            found.update(_flattened(value))
    return limit_strings(frozenset(found))


def _flattened(value: Value) -> Values:
    return union(_flattened(item) if item.items else frozenset((item,)) for part in value.items for item in part)


COLLECTIONS: Final = {"s3.objects": "s3.Object"}
"""Objects of resources that are collections, and what they hold."""
