"""Remedies: what `put` sets, and what it leaves alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.model import Unknown, is_secret, secret
from policypack.rule import put
from policypack.testing import resource


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ({}, "billingMode", "X", {"billingMode": "X"}),
        ({"billingMode": "P", "hashKey": "id"}, "billingMode", "X", {"billingMode": "X", "hashKey": "id"}),
        ({}, "recovery.enabled", True, {"recovery": {"enabled": True}}),  # the object is made
        ({"recovery": None}, "recovery.enabled", True, {"recovery": {"enabled": True}}),
        ({"recovery": {"days": 7}}, "recovery.enabled", True, {"recovery": {"days": 7, "enabled": True}}),
        ({"recovery": "text"}, "recovery.enabled", True, {"recovery": {"enabled": True}}),  # what cannot hold it
        ({}, "a.b.c", [1], {"a": {"b": {"c": [1]}}}),
    ],
)
def test_put_sets_one_property(before: dict[str, Any], path: str, value: object, after: dict[str, Any]) -> None:
    """Whatever was there, and what is beside it stays."""
    given_to_it = copy.deepcopy(before)
    assert put(path, value)(given_to_it) == after
    assert given_to_it == before


keys = st.text("abc", min_size=1, max_size=2)
objects = st.dictionaries(keys, st.recursive(st.integers(), lambda inner: st.dictionaries(keys, inner)), max_size=4)


@given(objects, st.lists(keys, min_size=1, max_size=3))
def test_what_was_put_is_found(properties: dict[str, Any], path: list[str]) -> None:
    """To put it again changes nothing, and what was given never changes."""
    before = copy.deepcopy(properties)
    remedy = put(".".join(path), "changed")
    changed = remedy(properties)
    assert resource("aws:sqs/queue:Queue", changed).get(".".join(path)) == "changed"
    assert remedy(changed) == changed
    assert properties == before
    assert {key: changed[key] for key in changed if key != path[0]} == {
        key: before[key] for key in before if key != path[0]
    }


def test_values_of_different_resources_are_not_shared() -> None:
    """To change one changed resource is to change one."""
    remedy = put("tags", {"team": "work"})
    one, other = remedy({}), remedy({})
    one["tags"]["team"] = "another"
    assert other["tags"] == {"team": "work"}


def test_what_is_unknown_or_secret_beside_it_stays_so() -> None:
    """A remedy looks at nothing but its own path."""
    unknown = Unknown("environment.variables.MODE")
    before = {"environment": {"variables": {"MODE": unknown, "TOKEN": secret("abc")}}}
    after = put("environment.variables.LEVEL", "info")(before)
    assert after["environment"]["variables"]["MODE"] is unknown
    assert is_secret(after["environment"]["variables"]["TOKEN"])
    assert put("environment.variables.MODE", "live")(before)["environment"]["variables"]["MODE"] == "live"
