"""The abstract values of the analysis: what an expression may evaluate to, as far as it matters for calls to AWS."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class ValueKind(Enum):
    """The kind of a value, with the meaning of the value's `name`."""

    OPAQUE = "any value that cannot be used to call AWS"
    STRING = "a string; name is the string"
    BOTO = "boto3, a part of it or a session; name is its dotted name"
    CLIENT = "a boto3 client; name is the service"
    RESOURCE = "a boto3 service resource; name is the service"
    OBJECT = "an object of a service resource; name is its type, for example s3.Bucket"
    NAMED_OPERATION = "a method that takes the name of an operation, for example dynamodb.get_paginator"
    METHOD = "a method of a boto3 object; name is the type of the object that it returns"
    OTHER_CREDENTIALS = "a client with other credentials than the role's"
    FUNCTION = "a function; name is its key"
    BOUND_METHOD = "a method of an object; name is the key of the function"
    CLASS = "a class; name is its key"
    INSTANCE = "an instance of a class; name is the key of the class"
    MODULE = "a module of the archive; name is its dotted name"
    EXTERNAL = "an object from outside the archive; name is its dotted name"
    COLLECTION = "a collection of unknown length"
    TUPLE = "a collection of known length"


class Value(NamedTuple):
    """One possible value of an expression. `items` are the values in a collection, position by position."""

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
AWS_OBJECT_KINDS: Final = frozenset(
    (ValueKind.BOTO, ValueKind.OTHER_CREDENTIALS, ValueKind.RESOURCE, ValueKind.OBJECT, ValueKind.METHOD)
)
"""The kinds whose attributes and calls are evaluated by `boto3_objects`, except clients."""
_MAX_STRINGS: Final = 16
_MAX_DEPTH: Final = 3  # collections within collections


def single(kind: ValueKind, name: str = "") -> Values:
    """A set with one value."""
    return frozenset((Value(kind, name),))


def union(parts: Iterable[Values]) -> Values:
    """The union of several sets of values."""
    return NO_VALUES.union(*parts)


def contains_aws_object(values: Values) -> bool:
    """Whether any of the values, or of their items, can be used to call AWS."""
    return any(value.kind in _AWS_KINDS or any(map(contains_aws_object, value.items)) for value in values)


def collection_of(values: Values) -> Values:
    """A collection of unknown length that contains these values."""
    return frozenset((Value(ValueKind.COLLECTION, items=(_limit_depth(values, _MAX_DEPTH),)),))


def tuple_of(positions: list[Values]) -> Values:
    """A collection of known length, with the values at each position."""
    return frozenset((Value(ValueKind.TUPLE, items=tuple(_limit_depth(values, _MAX_DEPTH) for values in positions)),))


def elements_of(values: Values) -> Values:
    """The values that iterating over or indexing these values may give."""
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
    """The possible strings. None if a value may not be a string."""
    if not values or any(value.kind is not ValueKind.STRING for value in values):
        return None
    return frozenset(value.name for value in values)


def limit_strings(values: Values) -> Values:
    """The same values; if there are many different strings, they are replaced by one opaque value."""
    kept = frozenset(value for value in values if value.kind is not ValueKind.STRING)
    return values if len(values) - len(kept) <= _MAX_STRINGS else kept | OPAQUE


def _limit_depth(values: Values, depth: int) -> Values:
    """The same values, with collections nested at most this deep. Deeper collections are flattened."""
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
"""Objects of service resources that are collections, and the type of their items."""
