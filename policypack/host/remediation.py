"""A mended resource on Pulumi's wire: what the remedy changed is written anew, everything else stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import struct_pb2

from policypack.host.wire import SECRET, SIGNATURE
from policypack.model import is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


def merge(original: struct_pb2.Struct, before: Mapping[str, Any], after: Mapping[str, Any]) -> struct_pb2.Struct:
    """The properties after a remedy.

    `before` is what `original` decodes to, `after` what the remedy made of it. Secrets and assets that the remedy did
    not replace stay exactly as they were; what it changes inside a secret stays secret; an unknown is never replaced.
    """
    merged = struct_pb2.Struct()
    for key in {**before, **after}:
        if key not in after and not is_unknown(before.get(key)):
            continue
        value = _merge(original.fields.get(key), before.get(key), after.get(key))
        merged.fields[key].CopyFrom(value)
    return merged


def _merge(original: struct_pb2.Value | None, before: Any, after: Any) -> struct_pb2.Value:
    if original is None:
        return encode(after)
    if after is before or is_unknown(before):
        return original
    fields = original.struct_value.fields if original.HasField("struct_value") else {}
    if SIGNATURE in fields:
        if fields[SIGNATURE].string_value != SECRET:
            return encode(after)
        sealed = struct_pb2.Value()
        sealed.CopyFrom(original)
        sealed.struct_value.fields["value"].CopyFrom(_merge(fields["value"], before, after))
        return sealed
    if isinstance(before, dict) and isinstance(after, dict) and original.HasField("struct_value"):
        return struct_pb2.Value(struct_value=merge(original.struct_value, before, after))
    return encode(after)


def encode(value: Any) -> struct_pb2.Value:
    """A plain value on the wire: null, booleans, numbers, text, lists and objects of them."""
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=float(value))
    if isinstance(value, str):
        return struct_pb2.Value(string_value=str.__str__(value))
    if isinstance(value, list):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[encode(item) for item in value]))
    if isinstance(value, dict):
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields={k: encode(item) for k, item in value.items()}))
    raise TypeError(f"a remedy may set plain values only, not {type(value).__name__}")
