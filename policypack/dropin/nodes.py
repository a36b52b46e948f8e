"""A request's properties, decoded once, a level at a time, when a policy first looks there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from pulumi_policy.deserialize import deserialize_properties

from policypack.model.signatures import SECRET, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from google.protobuf.struct_pb2 import Value


class Node:
    """A value that a policy may change or that may fail to decode. Nodes are shared by policies and never change."""

    __slots__ = ()


class Struct(Node):
    """An object. Its values are plain (text, float, bool, None) or nodes."""

    __slots__ = ("_fields", "_values")

    def __init__(self, fields: Mapping[str, Value]) -> None:
        self._fields = fields
        self._values: dict[str, Any] | None = None

    def values(self) -> dict[str, Any]:
        """The values by key. Shared: copy before writing."""
        if self._values is None:
            self._values = {key: _decode(value) for key, value in self._fields.items()}
        return self._values


class Array(Node):
    """A list of plain values and nodes."""

    __slots__ = ("_items", "_values")

    def __init__(self, items: Iterable[Value]) -> None:
        self._items = items
        self._values: list[Any] | None = None

    def values(self) -> list[Any]:
        """The values in order. Shared: copy before writing."""
        if self._values is None:
            self._values = [_decode(item) for item in self._items]
        return self._values


class Special(Node):
    """What pulumi_policy decodes into objects of its own (assets, archives) or refuses (outputs, references, NaN)."""

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        self._value = value

    def decode(self) -> Any:
        """A new object, or the exception that pulumi_policy raises: only a policy that touches the value meets it."""
        return deserialize_properties({"value": json_format.MessageToDict(self._value)})["value"]


def _decode(value: Value) -> Any:
    """Decode one value. Unknowns stay the text they are on the wire, secrets are the value they hide."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE not in fields:
            return Struct(fields)
        if fields[SIGNATURE].string_value == SECRET and "value" in fields:
            return _decode(fields["value"])
        return Special(value)
    if kind == "list_value":
        return Array(value.list_value.values)
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        return value.number_value if math.isfinite(value.number_value) else Special(value)
    return None
