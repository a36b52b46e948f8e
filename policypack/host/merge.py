"""A remediated resource on Pulumi's wire: what the remedy changed is written anew, everything else stays as it was.

No remedy turns a secret into plain text. What stands in the place of a secret stays secret. Secret text and numbers are
known wherever a remedy moves them; a secret boolean or null is only known by its place. What a remedy computes from a
secret is its own new value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import struct_pb2

from policypack.model import Undecided, contains_unknown, is_secret, is_unknown
from policypack.model.signatures import OUTPUT, SECRET, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Mapping


def merge(original: struct_pb2.Struct, before: Mapping[str, Any], after: Mapping[str, Any]) -> struct_pb2.Struct:
    """The properties after a remedy. Raises TypeError for values that have no plain form.

    `before` is what `original` decodes to, `after` what the remedy made of it. Secrets and assets that the remedy did
    not replace stay exactly as they were; what it changes inside a secret stays secret; an unknown is never replaced.
    """
    return _object(original, before, after, sealed=False)


def encode(value: Any, *, sealed: bool = False) -> struct_pb2.Value:
    """A value on the wire: null, booleans, numbers, text, lists and objects of them.

    A secret becomes a secret of Pulumi's, unless it goes into one: `sealed`.
    """
    if is_secret(value) and not sealed:
        return _seal(encode(value, sealed=True))
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=float(value))
    if isinstance(value, str):
        return struct_pb2.Value(string_value=str.__str__(value))
    if isinstance(value, list):
        return _list([encode(item, sealed=sealed) for item in value])
    if isinstance(value, dict):
        fields = {_named(key): encode(item, sealed=sealed) for key, item in value.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    raise TypeError(f"a remedy may set plain values only, not {type(value).__name__}")


def _object(
    original: struct_pb2.Struct, before: Mapping[str, Any], after: Mapping[str, Any], *, sealed: bool
) -> struct_pb2.Struct:
    merged = struct_pb2.Struct()
    for key in {**before, **after}:
        value = original.fields.get(_named(key))
        if key in after:
            merged.fields[key].CopyFrom(_merge(value, before.get(key), after[key], sealed=sealed))
        elif value is not None and contains_unknown(before[key]):
            merged.fields[key].CopyFrom(value)
    return merged


def _merge(original: struct_pb2.Value | None, before: Any, after: Any, *, sealed: bool) -> struct_pb2.Value:
    if original is None:
        return encode(after, sealed=sealed)
    if after is before or is_unknown(before):
        return original
    fields = original.struct_value.fields if original.HasField("struct_value") else {}
    if SIGNATURE in fields:
        if fields[SIGNATURE].string_value not in {SECRET, OUTPUT}:
            return original if _same(before, after) else encode(after, sealed=sealed)
        inner = _merge(fields.get("value"), before, after, sealed=sealed or _is_sealed(original))
        wrapped = struct_pb2.Value()
        wrapped.CopyFrom(original)
        wrapped.struct_value.fields["value"].CopyFrom(inner)
        return wrapped
    if isinstance(before, dict) and isinstance(after, dict):
        return struct_pb2.Value(struct_value=_object(original.struct_value, before, after, sealed=sealed))
    if isinstance(before, list) and isinstance(after, list):
        return _items(original, before, after, sealed=sealed)
    return original if contains_unknown(before) else encode(after, sealed=sealed)


def _items(original: struct_pb2.Value, before: list[Any], after: list[Any], *, sealed: bool) -> struct_pb2.Value:
    """A list, item by item. One of another length is secret as a whole, if anything in it was: places have moved."""
    originals = original.list_value.values
    if len(before) == len(after):
        together = zip(originals, before, after, strict=True)
        return _list([_merge(value, old, new, sealed=sealed) for value, old, new in together])
    if contains_unknown(before):
        return original
    seal = not sealed and _holds_secret(original)
    kept = {id(item): value for item, value in zip(before, originals, strict=True)}
    made = _list([kept[id(item)] if id(item) in kept else encode(item, sealed=sealed or seal) for item in after])
    return _seal(made) if seal else made


def _list(items: list[struct_pb2.Value]) -> struct_pb2.Value:
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))


def _seal(value: struct_pb2.Value) -> struct_pb2.Value:
    fields = {SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": value}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))


def _is_sealed(value: struct_pb2.Value) -> bool:
    """Whether it is a secret, or an output that is one."""
    fields = value.struct_value.fields if value.HasField("struct_value") else {}
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    return signature == SECRET or (signature == OUTPUT and "secret" in fields and fields["secret"].bool_value)


def _holds_secret(value: struct_pb2.Value) -> bool:
    if _is_sealed(value):
        return True
    if value.HasField("struct_value"):
        return any(map(_holds_secret, value.struct_value.fields.values()))
    return value.HasField("list_value") and any(map(_holds_secret, value.list_value.values))


def _same(before: Any, after: Any) -> bool:
    """Whether an asset, an archive or a reference is still the same, such as in a deep copy."""
    try:
        return type(before) is type(after) and bool(before == after)
    except Undecided:  # one that holds an unknown, which is not for a remedy to replace
        return True


def _named(key: str) -> str:
    """The name of a property, which everybody may read."""
    if is_secret(key):
        raise TypeError("a remedy may not name a property after a secret")
    return key
