"""What an expression may stand for, as far as that matters for the calls to AWS."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(Enum):
    """What a value is. `name` of a value says which one."""

    OPAQUE = "anything that is no business of AWS's"
    TEXT = "a text"
    BOTO = "boto3 itself or something of it, by its dotted name"
    CLIENT = "a client, by its service"
    RESOURCE = "a service resource, by its service"
    OBJECT = "an object of a resource, as s3.Bucket"
    ASKING = "what takes the name of an operation, as dynamodb.get_paginator"
    ANSWER = "what an object's method gives once it is called, by the kind of object"
    FOREIGN = "a client under other credentials than the role's"
    FUNCTION = "a function, by its key"
    BOUND = "a function that has its first argument"
    CLASS = "a class, by its key"
    INSTANCE = "an object of a class"
    MODULE = "a module of the archive"
    EXTERNAL = "something from outside the archive, by its dotted name"
    MANY = "a collection of any length"
    TUPLE = "a collection of known length"


class Value(NamedTuple):
    """One thing that an expression may stand for. `of`: what a collection holds, place by place."""

    kind: Kind
    name: str = ""
    of: tuple[frozenset[Value], ...] = ()


Values = frozenset[Value]
NONE: Final[Values] = frozenset()
OPAQUE: Final = frozenset((Value(Kind.OPAQUE),))
FOREIGN: Final = frozenset((Value(Kind.FOREIGN),))
_AWS: Final = frozenset((Kind.BOTO, Kind.CLIENT, Kind.RESOURCE, Kind.OBJECT, Kind.ASKING, Kind.ANSWER))
_MOST_TEXTS: Final = 16
_DEEPEST: Final = 3  # collections within collections


def one(kind: Kind, name: str = "") -> Values:
    """A single value."""
    return frozenset((Value(kind, name),))


def union(parts: Iterable[Values]) -> Values:
    """All that several expressions may stand for."""
    return NONE.union(*parts)


def carries(values: Values) -> bool:
    """Whether there is something among it by which AWS can be called."""
    return any(value.kind in _AWS or any(map(carries, value.of)) for value in values)


def many(values: Values) -> Values:
    """A collection of these."""
    return frozenset((Value(Kind.MANY, of=(_shallow(values, _DEEPEST),)),))


def row(places: list[Values]) -> Values:
    """A collection that has these in its places."""
    return frozenset((Value(Kind.TUPLE, of=tuple(_shallow(values, _DEEPEST) for values in places)),))


def elements(values: Values) -> Values:
    """What comes out of a collection."""
    found: set[Value] = set()
    for value in values:
        if value.of:
            found.update(*value.of)
        elif value.kind is Kind.FOREIGN or (value.kind is Kind.OBJECT and value.name in COLLECTIONS):
            found.add(value if value.kind is Kind.FOREIGN else Value(Kind.OBJECT, COLLECTIONS[value.name]))
        else:
            found.update(OPAQUE)
    return frozenset(found)


def texts(values: Values) -> frozenset[str] | None:
    """The texts that it may be; None where it may be something else."""
    if not values or any(value.kind is not Kind.TEXT for value in values):
        return None
    return frozenset(value.name for value in values)


def fewer(values: Values) -> Values:
    """The same, without telling many texts apart."""
    kept = frozenset(value for value in values if value.kind is not Kind.TEXT)
    return values if len(values) - len(kept) <= _MOST_TEXTS else kept | OPAQUE


def _shallow(values: Values, depth: int) -> Values:
    """The same, with collections this deep at most: deeper ones hold all they have in one place."""
    if not any(value.of for value in values):
        return fewer(values)
    found: set[Value] = set()
    for value in values:
        if not value.of:
            found.add(value)
        elif depth > 1:
            found.add(value._replace(of=tuple(_shallow(part, depth - 1) for part in value.of)))
        else:
            found.update(_leaves(value))
    return fewer(frozenset(found))


def _leaves(value: Value) -> Values:
    return union(_leaves(item) if item.of else frozenset((item,)) for part in value.of for item in part)


COLLECTIONS: Final = {"s3.objects": "s3.Object"}
"""Objects of resources that are collections, and what they hold."""
