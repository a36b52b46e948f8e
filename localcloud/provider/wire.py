"""Property values in the wire format of Pulumi's engine: plain Python, UNKNOWN, assets, and secrets.

pulumi.provider.experimental is not used: its PropertyValue drops the hashes of assets (a changed handler would not be
detected), cannot encode unknowns, and its requests lack the old inputs. The signatures are those of pulumi.runtime.rpc,
repeated here because importing it takes 0.4 s at each start of the provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, not a password
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
ASSETS: Final = {"c44067f5952c0a294b673a41bacd8c17": "asset", "0def7320c3a5731c473e5ecbe6d01bc7": "archive"}
UNKNOWNS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # any value, and strings
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # booleans
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # numbers
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # lists
        "030794c1-ac77-496b-92df-f27374a8bd58",  # assets
        "e48ece36-62e2-4504-bad9-02848725956a",  # archives
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # objects
    }
)


class Unknown:
    """A value that is known once the resource exists."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

Secrets = bool | dict[str, "Secrets"]
"""What is secret of a value: all of it (True), nothing (False), or parts of an object by key."""


@dataclass(frozen=True)
class Asset:
    """A file, text or archive. `fields`: path, text, uri or assets, and the hash, as on the wire."""

    kind: str
    fields: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of the content, computed by the engine; empty if it sent none."""
        return str(self.fields.get("hash") or "")


def decode(struct: struct_pb2.Struct) -> tuple[dict[str, Any], dict[str, Secrets]]:
    """Decode properties: values without nulls, and which of them are secret. Whole numbers become int."""
    value, secrets = _object(struct)
    return value, secrets if isinstance(secrets, dict) else {}


def encode(value: Mapping[str, Any], secrets: Mapping[str, Secrets] | None = None) -> struct_pb2.Struct:
    """Encode properties. A property that was secret stays secret, as a whole if its structure has changed."""
    marks = secrets or {}
    return struct_pb2.Struct(fields={key: _write(each, secrets=marks.get(key, False)) for key, each in value.items()})


def has_unknown(value: Any) -> bool:
    """Whether a value is unknown or contains an unknown."""
    if isinstance(value, Mapping):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(has_unknown(each) for each in value)
    return isinstance(value, Unknown)


def _read(value: struct_pb2.Value) -> tuple[Any, Secrets]:
    which = value.WhichOneof("kind")
    if which == "string_value":
        return (UNKNOWN if value.string_value in UNKNOWNS else value.string_value), False
    if which == "number_value":
        number = value.number_value
        return (int(number) if number.is_integer() else number), False
    if which == "bool_value":
        return value.bool_value, False
    if which == "list_value":
        pairs = [_read(each) for each in value.list_value.values]
        return [each for each, _ in pairs], any(marks is not False for _, marks in pairs)
    if which == "struct_value":
        return _struct(value.struct_value)
    return None, False


def _struct(struct: struct_pb2.Struct) -> tuple[Any, Secrets]:
    fields = struct.fields
    mark = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if mark == SECRET:
        return _read(fields["value"])[0], True
    if mark == OUTPUT:
        inner, secrets = _read(fields["value"]) if "value" in fields else (UNKNOWN, False)
        return inner, ("secret" in fields and fields["secret"].bool_value) or secrets
    if mark == REFERENCE:
        return _read(fields["id"])[0] if "id" in fields else fields["urn"].string_value, False
    if mark in ASSETS:
        return Asset(ASSETS[mark], _object(struct)[0]), False
    return _object(struct)


def _object(struct: struct_pb2.Struct) -> tuple[dict[str, Any], Secrets]:
    values: dict[str, Any] = {}
    secrets: dict[str, Secrets] = {}
    for key, each in struct.fields.items():
        value, marks = _read(each)
        if value is not None and key != SIGNATURE:
            values[key] = value
            if marks is not False:
                secrets[key] = marks
    return values, secrets or False


def _write(value: Any, *, secrets: Secrets = False) -> struct_pb2.Value:
    if secrets is True or (secrets and not isinstance(value, Mapping)):
        return _marked(SECRET, {"value": _write(value)})
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value="04da6b54-80e4-46f7-96ec-b56ff0331ba9")
    if isinstance(value, Asset):
        mark = next(mark for mark, kind in ASSETS.items() if kind == value.kind)
        return _marked(mark, {key: _write(each) for key, each in value.fields.items()})
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode(value, secrets if isinstance(secrets, dict) else None))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_write(each) for each in value]))
    return struct_pb2.Value(string_value=str(value))


def _marked(mark: str, fields: dict[str, struct_pb2.Value]) -> struct_pb2.Value:
    fields[SIGNATURE] = struct_pb2.Value(string_value=mark)
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
