"""Pulumi's wire values, decoded once into what rules see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from policypack.model.signatures import ARCHIVE, ASSET, OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWNS
from policypack.model.values import Archive, Asset, Reference, Unknown, secret

if TYPE_CHECKING:
    from google.protobuf import struct_pb2

_UNKNOWN_LENGTH: Final = 36
_EXACT: Final = 2.0**53  # beyond it a float no longer names one whole number


def decode(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Decode a resource's properties. Numbers without a fraction become int; unknowns learn their path."""
    unknowns: list[Unknown] = []
    decoded = {key: _value(value, unknowns) for key, value in properties.fields.items()}
    if unknowns:
        _name(decoded, "")
    return decoded


def _value(value: struct_pb2.Value, unknowns: list[Unknown]) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return _unknown(unknowns) if len(text) == _UNKNOWN_LENGTH and text in UNKNOWNS else text
        case "struct_value":
            fields = value.struct_value.fields
            if SIGNATURE in fields:
                return _special(fields[SIGNATURE].string_value, fields, unknowns)
            return {key: _value(item, unknowns) for key, item in fields.items()}
        case "list_value":
            return [_value(item, unknowns) for item in value.list_value.values]
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() and -_EXACT <= number <= _EXACT else number
        case _:
            return None


def _special(signature: str, fields: Any, unknowns: list[Unknown]) -> Any:
    """A struct that carries a signature: a secret, an output, an asset, an archive or a resource reference."""
    plain = {key: _value(item, unknowns) for key, item in fields.items() if key != SIGNATURE}
    if signature == SECRET:
        return secret(plain.get("value"))
    if signature == OUTPUT and "value" in plain:
        return secret(plain["value"]) if plain.get("secret") is True else plain["value"]
    if signature == ASSET:
        return Asset(**{key: text for key, text in plain.items() if key in Asset.__struct_fields__})
    if signature == ARCHIVE:
        return Archive(**{key: item for key, item in plain.items() if key in Archive.__struct_fields__})
    if signature == RESOURCE:
        urn, identity = plain.get("urn"), plain.get("id")
        nameless = isinstance(identity, str) and not identity
        return Reference(urn=urn if isinstance(urn, str) else "", id=_unknown(unknowns) if nameless else identity)
    return _unknown(unknowns)  # an output without a value, or a kind of value newer than this code


def _unknown(unknowns: list[Unknown]) -> Unknown:
    unknowns.append(Unknown())
    return unknowns[-1]


def _name(value: Any, path: str) -> None:
    """Tell every unknown where it stands."""
    match value:
        case Unknown():
            value.path = path
        case dict():
            for key, item in value.items():
                _name(item, f"{path}.{key}" if path else key)
        case list():
            for index, item in enumerate(value):
                _name(item, f"{path}[{index}]")
        case Archive():
            _name(value.assets, f"{path}.assets")
        case Reference():
            _name(value.id, f"{path}.id")
