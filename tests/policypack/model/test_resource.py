"""Resources: properties by path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.model import Location, Undecided, Unknown, is_unknown
from policypack.model.resource import steps, type_in_urn
from policypack.testing import resource

SUBJECT = resource(
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    {
        "name": "config",
        "empty": "",
        "nothing": None,
        "no": False,
        "zero": 0,
        "productionVariants": [{"instanceType": "ml.m5.large"}, {"scaling": {"min": Unknown("min")}}],
        "tags": Unknown("tags"),
    },
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "config"),
        ("no", False),  # a value like any other
        ("zero", 0),
        ("empty", ""),
        ("nothing", "default"),  # null is not set
        ("missing", "default"),
        ("productionVariants[0].instanceType", "ml.m5.large"),
        ("productionVariants[7].instanceType", "default"),  # past the end
        ("productionVariants.instanceType", "default"),  # a list has no keys
        ("name.first", "default"),  # text has no parts
        ("productionVariants[1].scaling.max", "default"),
    ],
)
def test_a_value_is_found_by_its_path(path: str, value: object) -> None:
    """The default where it is absent, for whatever reason."""
    assert SUBJECT.get(path, "default") == value


def test_a_path_into_an_unknown_is_that_unknown() -> None:
    """Its own path shows which property is unknown."""
    assert is_unknown(SUBJECT.get("tags.team", "default"))
    assert is_unknown(SUBJECT.get("productionVariants[1].scaling.min"))
    assert is_unknown(SUBJECT.get("productionVariants[1].scaling.min.deeper"))


@pytest.mark.parametrize(
    ("path", "is_set"),
    [
        ("name", True),
        ("tags", True),  # set, though not known
        ("tags.team", True),
        ("no", True),
        ("zero", True),
        ("empty", False),  # how providers write "not set"
        ("nothing", False),
        ("missing", False),
    ],
)
def test_whether_a_property_is_set(path: str, *, is_set: bool) -> None:
    """An unknown value is set; the empty text that providers write is not."""
    assert SUBJECT.has(path) is is_set


def test_elements_of_a_list_have_their_paths() -> None:
    """Their paths are those of the resource."""
    first, second = SUBJECT.each("productionVariants")
    assert first.get("instanceType") == "ml.m5.large"
    assert first.at("instanceType") == Location(SUBJECT, "productionVariants[0].instanceType")
    assert second.at() == Location(SUBJECT, "productionVariants[1]")
    assert [node.at().path for node in second.each("scaling.missing")] == []


def test_an_unknown_list_has_unknown_elements() -> None:
    """It is unknown whether there are any."""
    with pytest.raises(Undecided, match="tags"):
        list(SUBJECT.each("tags"))


def test_a_place_of_the_resource_as_a_whole() -> None:
    """Without a path."""
    assert SUBJECT.at() == Location(SUBJECT, "")


names = st.text(st.characters(exclude_characters=".[]"), min_size=1, max_size=8)
trees: st.SearchStrategy[Any] = st.recursive(
    st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
)


def places(value: Any, path: str) -> list[tuple[str, Any]]:
    """Give every part of a nested value by its path."""
    found = [(path, value)] if path else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, f"{path}.{key}" if path else key)
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, f"{path}[{index}]")
    return found


@given(st.dictionaries(names, trees, max_size=4))
def test_every_part_of_any_value_is_found(properties: dict[str, Any]) -> None:
    """Whatever the nesting."""
    subject = resource("aws:sqs/queue:Queue", properties)
    for path, value in places(properties, ""):
        assert subject.get(path) is value


def test_a_path_is_split_into_keys_and_indexes() -> None:
    """Indexes may follow each other."""
    assert steps("a.b[0][1].c") == ("a", "b", 0, 1, "c")
    assert steps("") == ()


@pytest.mark.parametrize(
    ("urn", "type_"),
    [
        ("urn:pulumi:dev::app::aws:sqs/queue:Queue::work", "aws:sqs/queue:Queue"),
        ("urn:pulumi:dev::app::app:Work$aws:sqs/queue:Queue::work::more", "aws:sqs/queue:Queue"),  # within a component
        ("urn:pulumi:dev", ""),
    ],
)
def test_the_type_in_a_urn(urn: str, type_: str) -> None:
    """The last one, where the types of its parents precede it."""
    assert type_in_urn(urn) == type_
