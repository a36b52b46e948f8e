"""Values: every use of an unknown raises `Undecided`, and a secret is never printed."""

from __future__ import annotations

import copy
import json
import operator
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.model import Archive, Reference, Undecided, Unknown, contains_unknown, is_secret, is_unknown, secret
from policypack.model.values import plain_texts_in, texts_in

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKS: dict[str, Callable[[Any], object]] = {
    "truth": bool,
    "not": operator.not_,
    "equal": lambda value: value == "x",
    "equal, from the right": lambda value: "x" == value,  # noqa: SIM300 - the side is the point
    "unequal": lambda value: value != "x",
    "less": lambda value: value < 1,
    "less, from the right": lambda value: 1 > value,  # noqa: SIM300 - the side is the point
    "at most": lambda value: value <= 1,
    "more": lambda value: value > 1,
    "at least": lambda value: value >= 1,
    "in a list": lambda value: value in ["x", "y"],
    "in a dict": lambda value: value in {"x": 1},
    "in a set": lambda value: value in {"x", "y"},
    "looked up": {"x": 1}.get,
    "contains": lambda value: "x" in value,
    "index": lambda value: value[0],
    "slice": lambda value: value[1:],
    "length": len,
    "iteration": list,
    "unpacking": lambda value: [*value],
    "text": str,
    "f-string": lambda value: f"{value}",
    "format": lambda value: f"{value:>10}",
    "int": int,
    "float": float,
    "as an index": lambda value: [1, 2][value],
    "range": range,
    "sum": lambda value: value + 1,
    "sum, from the right": lambda value: 1 + value,
    "text added": lambda value: "arn:" + value,
    "difference": lambda value: 1 - value,
    "product": lambda value: value * 2,
    "product, from the right": lambda value: 6 * value,
    "quotient": lambda value: value / 2,
    "floor": lambda value: 7 // value,
    "remainder": lambda value: value % 2,
    "negative": operator.neg,
    "absolute": abs,
    "hash": hash,
    "call": lambda value: value(),
    "method": lambda value: value.startswith("x"),
    "attribute": lambda value: value.anything,
    "max": lambda value: max(value, 3),
    "sorted": lambda value: sorted([value, 1]),
    "any": lambda value: any([value]),
    "joined parts": lambda value: ", ".join(f"{item}" for item in [value]),
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_use_of_an_unknown_raises_undecided(look: str) -> None:
    """With the path of the property."""
    with pytest.raises(Undecided) as undecided:
        LOOKS[look](Unknown("environment.variables.MODE"))
    assert undecided.value.path == "environment.variables.MODE"
    assert str(undecided.value) == "environment.variables.MODE is not known yet"


def test_an_unknown_may_be_kept_and_passed_on() -> None:
    """In lists too; it is compared by identity, and has a repr."""
    value = Unknown("timeout")
    assert [value][0] is value
    assert value is not None
    assert repr({"timeout": value}) == "{'timeout': Unknown('timeout')}"
    assert copy.copy(value).path == copy.deepcopy(value).path == "timeout"
    assert pickle.loads(pickle.dumps(value)).path == "timeout"  # noqa: S301 - our own bytes


def test_whether_a_value_is_unknown_raises_nothing() -> None:
    """At any depth."""
    assert is_unknown(Unknown())
    assert not is_unknown([Unknown()])
    assert contains_unknown({"a": [{"b": Unknown()}]})
    assert not contains_unknown({"a": [{"b": "Unknown"}], "c": None})


plain = st.one_of(st.text(min_size=1), st.integers(), st.floats(allow_nan=False))


@given(plain)
def test_a_secret_compares_as_its_value_and_is_printed_redacted(value: Any) -> None:
    """Rules can judge it, and no message can contain it."""
    hidden = secret(value)
    assert is_secret(hidden)
    assert not is_secret(value)
    assert hidden == value
    assert hash(hidden) == hash(value)
    assert {value: "found"}[hidden] == "found"
    assert (str(hidden), repr(hidden), f"{hidden}", f"{hidden!s:>3}") == ("[secret]",) * 4


@given(st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_every_leaf_of_a_secret_is_secret(value: Any) -> None:
    """The nested value stays equal."""
    hidden = secret(value)
    assert hidden == value
    assert all(map(is_secret, leaves(hidden)))


def leaves(value: Any) -> list[Any]:
    """Give all leaves of a nested value."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def test_booleans_null_and_unknowns_are_not_marked() -> None:
    """They contain nothing to keep secret."""
    unknown = Unknown("token")
    assert secret(value=True) is True
    assert secret(None) is None
    assert secret([unknown])[0] is unknown


def test_a_secret_document_can_be_read() -> None:
    """JSON in a secret text is parsed as any text."""
    assert json.loads(secret('{"a": 1}')) == {"a": 1}


def test_texts_are_found_at_any_depth() -> None:
    """In lists and objects, and the URN of a reference; archives and unknown values have none."""
    value = {"a": ["x", {"b": secret("y")}], "c": Unknown("c"), "d": 1, "e": Reference("urn"), "f": Archive(path="p")}
    assert list(texts_in(value)) == ["x", "y", "urn"]
    assert list(plain_texts_in(value)) == ["x", "urn"]
