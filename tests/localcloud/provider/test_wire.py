"""Values survive the wire: as Pulumi's own SDK writes them, and back."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime import rpc

from localcloud.provider import wire
from localcloud.provider.wire import UNKNOWN, Asset

LEAVES = st.one_of(
    st.booleans(), st.integers(-(2**52), 2**52), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
KEYS = st.text(min_size=1).filter(lambda key: key != wire.SIGNATURE)
VALUES = st.recursive(
    st.one_of(LEAVES, st.just(UNKNOWN)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(KEYS, inner)),
    max_leaves=20,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(KEYS, VALUES))
def test_values_come_back(value: dict[str, Any]) -> None:
    """What is written is what is read."""
    assert wire.decode(wire.encode(value)) == (value, {})


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(KEYS, VALUES), st.data())
def test_secrets_stay_secret(value: dict[str, Any], data: st.DataObject) -> None:
    """A secret property is read in clear text, and written as a secret again."""
    hidden = data.draw(st.sets(st.sampled_from(sorted(value)))) if value else set()
    marks: dict[str, wire.Secrets] = dict.fromkeys(hidden, True)
    struct = wire.encode(value, marks)
    assert wire.decode(struct) == (value, marks)
    for key in hidden:
        assert struct.fields[key].struct_value.fields[wire.SIGNATURE].string_value == rpc._special_secret_sig


def test_a_secret_part_of_an_object_hides_only_itself() -> None:
    """A secret in a list hides the whole list."""
    value = {"environment": {"variables": {"OPEN": "a", "HIDDEN": "b"}}, "list": ["x"]}
    marks: dict[str, wire.Secrets] = {"environment": {"variables": {"HIDDEN": True}}, "list": True}
    assert wire.decode(wire.encode(value, marks)) == (value, marks)
    other = {"environment": "another form"}
    assert wire.decode(wire.encode(other, marks))[1] == {"environment": True}


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (pulumi.StringAsset("text"), ("asset", {"text": "text"})),
        (pulumi.FileArchive("code"), ("archive", {"path": "code"})),
        (pulumi.AssetArchive({"a": pulumi.FileAsset("b")}), ("archive", {"assets": {"a": ("asset", {"path": "b"})}})),
    ],
)
def test_assets_as_the_sdk_writes_them(given_value: object, expected: tuple[str, Any]) -> None:
    """The SDK's own serializer is the reference."""
    written = asyncio.run(rpc.serialize_property(given_value, [], None, None))
    struct = struct_pb2.Struct()
    struct.update({"code": written})
    code = wire.decode(struct)[0]["code"]
    assert _plain(code) == expected
    assert wire.decode(wire.encode({"code": code}))[0] == {"code": code}


def test_marks_are_those_of_the_sdk() -> None:
    """They are repeated here for a fast start."""
    assert rpc._special_sig_key == wire.SIGNATURE
    assert rpc._special_secret_sig == wire.SECRET
    assert rpc._special_output_value_sig == wire.OUTPUT
    assert rpc._special_resource_sig == wire.REFERENCE
    assert {rpc._special_asset_sig: "asset", rpc._special_archive_sig: "archive"} == wire.ASSETS
    assert rpc.UNKNOWN in wire.UNKNOWNS


def test_hashes_of_assets_are_kept() -> None:
    """A changed handler is only seen by its hash."""
    code = Asset("archive", {"path": "code", "hash": "abc"})
    assert wire.decode(wire.encode({"code": code}))[0]["code"].hash == "abc"


def test_nulls_are_left_out() -> None:
    """A null is a property that is not set."""
    struct = struct_pb2.Struct()
    struct.update({"a": None, "b": {"c": None, "d": 1.0}})
    assert wire.decode(struct)[0] == {"b": {"d": 1}}


def _plain(value: Any) -> Any:
    if not isinstance(value, Asset):
        return value
    fields = {key: each for key, each in value.fields.items() if key not in ("hash", wire.SIGNATURE)}
    return value.kind, {
        key: {k: _plain(v) for k, v in e.items()} if isinstance(e, dict) else e for key, e in fields.items()
    }
