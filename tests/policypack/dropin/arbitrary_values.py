"""Properties as they may be on the wire."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from policypack.model.signatures import ARCHIVE, ASSET, OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWNS

KEYS: Final = ["a", "b", "tags", "items", "value", "__target", ""]

_texts = st.sampled_from(["", "x", "jobs", "é\u2028", "x" * 36, "urn:pulumi:dev::app::t::n"]) | st.text(max_size=5)
_plain = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5) | _texts
_unknown = st.sampled_from(sorted(UNKNOWNS))
_assets = st.sampled_from(
    [
        {SIGNATURE: ASSET, "path": "./index.html"},
        {SIGNATURE: ASSET, "text": "hello", "hash": "00"},
        {SIGNATURE: ASSET, "uri": "https://example.com/a.txt"},
        {SIGNATURE: ASSET, "text": min(UNKNOWNS)},
    ]
)
_archives = st.sampled_from(
    [
        {SIGNATURE: ARCHIVE, "path": "./src"},
        {SIGNATURE: ARCHIVE, "uri": "https://example.com/a.zip"},
        {SIGNATURE: ARCHIVE, "assets": {"f": {SIGNATURE: ASSET, "text": "x"}, "g": {SIGNATURE: ARCHIVE, "path": "."}}},
        {SIGNATURE: ARCHIVE, "assets": {}},
    ]
)


def _secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
        | inner.map(_secret)
    )


values: st.SearchStrategy[Any] = st.recursive(_plain | _unknown | _assets | _archives, _deeper, max_leaves=12)
"""Any value that pulumi_policy decodes."""

properties = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), values, max_size=5)
"""A resource's properties, all of which pulumi_policy decodes."""

refused = st.sampled_from(
    [
        {SIGNATURE: OUTPUT, "value": "x", "dependencies": []},
        {SIGNATURE: OUTPUT},
        {SIGNATURE: RESOURCE, "urn": "urn:pulumi:dev::app::t::n", "id": "i"},
        {SIGNATURE: "newer than this"},
        {SIGNATURE: 1.0},
        {SIGNATURE: SECRET},
        {SIGNATURE: ASSET},
        {SIGNATURE: ARCHIVE, "assets": None},
        {SIGNATURE: ARCHIVE, "assets": {"a": "text"}},
        float("nan"),
        float("inf"),
        float("-inf"),
    ]
)
"""Values for which pulumi_policy gives up on the whole request."""
