"""The wire: any value that the engine can send is decoded into what rules see, with every unknown at its place."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from policypack.host.wire import decode
from policypack.model import Archive, Asset, Reference, Unknown, is_secret, is_unknown, signatures

KEYS = st.text(st.characters(exclude_characters=".[]", codec="utf-8"), min_size=1, max_size=6).filter(
    lambda key: key != signatures.SIGNATURE
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40).filter(lambda text: text not in signatures.UNKNOWNS)
NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False))
Tree = tuple[str, Any]
"""A value as it is meant: its kind, and what it holds."""

LEAVES: st.SearchStrategy[Tree] = st.one_of(
    st.tuples(st.just("plain"), st.none() | st.booleans() | NUMBERS | TEXTS),
    st.tuples(st.just("unknown"), st.sampled_from(sorted(signatures.UNKNOWNS))),
    st.tuples(st.just("asset"), TEXTS),
    st.tuples(st.just("reference"), TEXTS),
    st.just(("output", None)),  # without a value, so not known
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("list"), st.lists(inner, max_size=3)),
        st.tuples(st.just("object"), st.dictionaries(KEYS, inner, max_size=3)),
        st.tuples(st.just("archive"), st.dictionaries(KEYS, inner, max_size=2)),
        st.tuples(st.just("secret"), inner),
        st.tuples(st.just("output"), inner),
        st.tuples(st.just("secret output"), inner),
    ),
    max_leaves=12,
)


def encode(tree: Tree) -> Any:
    """Write the value as the engine does, in plain Python that a protobuf struct takes."""
    kind, held = tree
    match kind:
        case "plain" | "unknown":
            return held
        case "list":
            return [encode(item) for item in held]
        case "object":
            return {key: encode(item) for key, item in held.items()}
        case "asset":
            return {signatures.SIGNATURE: signatures.ASSET, "hash": "h", "text": held}
        case "archive":
            return {
                signatures.SIGNATURE: signatures.ARCHIVE,
                "assets": {key: encode(item) for key, item in held.items()},
            }
        case "reference":
            return {signatures.SIGNATURE: signatures.RESOURCE, "urn": "urn", "id": held}
        case "secret":
            return {signatures.SIGNATURE: signatures.SECRET, "value": encode(held)}
        case _:
            value = {} if held is None else {"value": encode(held)}
            return {
                signatures.SIGNATURE: signatures.OUTPUT,
                "secret": kind == "secret output",
                "dependencies": ["urn"],
                **value,
            }


def meant(tree: Tree, path: str, *, hidden: bool = False) -> Any:
    """Say what a rule is to see: every leaf with whether it is secret, every unknown with its path."""
    kind, held = tree
    match kind:
        case "plain":
            return (held, hidden and isinstance(held, str | int | float) and not isinstance(held, bool))
        case "unknown":
            return ("unknown", path)
        case "list":
            return [meant(item, f"{path}[{index}]", hidden=hidden) for index, item in enumerate(held)]
        case "object":
            return {key: meant(item, f"{path}.{key}" if path else key, hidden=hidden) for key, item in held.items()}
        case "asset":
            return ("asset", held)
        case "archive":
            return ("archive", {key: meant(item, f"{path}.assets.{key}") for key, item in held.items()})
        case "reference":
            return ("reference", held or ("unknown", f"{path}.id"))
        case "output":
            return ("unknown", path) if held is None else meant(held, path, hidden=hidden)
        case _:
            return meant(held, path, hidden=True)


def seen(value: Any) -> Any:
    """Say what a rule sees, in the same words."""
    match value:
        case Unknown():
            return ("unknown", value.path)
        case dict():
            return {key: seen(item) for key, item in value.items()}
        case list():
            return [seen(item) for item in value]
        case Asset():
            return ("asset", value.text)
        case Archive():
            return ("archive", seen(value.assets))
        case Reference():
            return ("reference", seen(value.id) if is_unknown(value.id) else value.id)
        case _:
            return (value, is_secret(value))


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    """Send the properties over the wire and back."""
    sent = struct_pb2.Struct()
    sent.update(properties)
    return struct_pb2.Struct.FromString(sent.SerializeToString())


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_whatever_is_sent_is_seen(properties: dict[str, Tree]) -> None:
    """Values are equal, secrets marked, unknowns at their paths."""
    decoded = decode(struct({key: encode(tree) for key, tree in properties.items()}))
    assert seen(decoded) == {key: meant(tree, key) for key, tree in properties.items()}


@pytest.mark.parametrize(
    ("number", "decoded", "kind"),
    [
        (3.0, 3, int),
        (-0.5, -0.5, float),
        (2.0**53, 2**53, int),
        (2.0**60, 2.0**60, float),  # no longer one whole number
        (float("inf"), float("inf"), float),
    ],
)
def test_whole_numbers_are_whole(number: float, decoded: float, kind: type) -> None:
    """JSON has one kind of number, Python two."""
    value = decode(struct({"size": number}))["size"]
    assert value == decoded
    assert type(value) is kind


def test_the_constants_are_those_of_the_sdk() -> None:
    """A changed signature would let secrets through as plain objects."""
    assert rpc._special_sig_key == signatures.SIGNATURE
    assert rpc._special_asset_sig == signatures.ASSET
    assert rpc._special_archive_sig == signatures.ARCHIVE
    assert rpc._special_secret_sig == signatures.SECRET
    assert rpc._special_resource_sig == signatures.RESOURCE
    assert rpc._special_output_value_sig == signatures.OUTPUT
    assert rpc.UNKNOWN in signatures.UNKNOWNS


def test_a_kind_of_value_that_nobody_knows_is_unknown() -> None:
    """A newer engine may send one, and it is no plain object."""
    value = decode(struct({"odd": {signatures.SIGNATURE: "0" * 32, "value": 1}}))["odd"]
    assert is_unknown(value)
    assert value.path == "odd"


def test_text_that_looks_like_an_unknown_but_is_longer() -> None:
    """Only the whole text counts."""
    text = f"{rpc.UNKNOWN} and more"
    assert decode(struct({"text": text}))["text"] == text


def test_fields_that_are_not_known_yet_are_passed_over() -> None:
    """A newer engine may add one to an asset."""
    sent = {signatures.SIGNATURE: signatures.ASSET, "path": "handler.py", "colour": "blue"}
    assert decode(struct({"code": sent}))["code"] == Asset(path="handler.py")
