"""Comparison of a program's inputs with the state in AWS: equivalence, merging, correction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localcloud.provider import schema

if TYPE_CHECKING:
    from localcloud.provider.resource_kind import Kind


@dataclass(frozen=True)
class Place:
    """The position of a value: resource type, property name, and type of the value."""

    kind: Kind
    prop: str
    type: str

    def inside(self, key: str) -> Place:
        """Return the position of an object's property."""
        return Place(self.kind, key, schema.fields(self.type).types.get(key, "any"))

    @property
    def element(self) -> Place:
        """Return the position of the elements of a list or map."""
        return Place(self.kind, self.prop, schema.element(self.type))

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return self.type.startswith("[")

    @property
    def is_object(self) -> bool:
        """Whether the value is an object with known properties (not a map with free keys)."""
        return self.type[0] not in "[{" and self.type not in schema.SCALARS


def at(kind: Kind, prop: str) -> Place:
    """Return the position of a resource's property."""
    return Place(kind, prop, kind.schema.properties.get(prop, "any"))


def canonical(value: Any, place: Place) -> Any:
    """Convert a value to a canonical form in which equivalent values are equal: sorted sets and keys, parsed JSON.

    Keys arrive in any order, and sets of objects are sorted by content.
    """
    if isinstance(value, dict):
        inside = place.inside if place.is_object else lambda _: place.element if place.type[0] == "{" else place
        return {key: canonical(each, inside(key)) for key, each in sorted(value.items())}
    if isinstance(value, list) and place.is_list:
        items = [canonical(each, place.element) for each in value]
        return sorted(items, key=repr) if place.prop in place.kind.sets else items
    if isinstance(value, str) and place.prop in place.kind.documents:
        return _document(value)
    return value


def equivalent(wanted: Any, seen: Any, place: Place) -> bool:
    """Whether AWS has what the program asked for. Members that AWS adds to an object are ignored."""
    if isinstance(wanted, dict) and isinstance(seen, dict) and place.is_object:
        return all(key not in seen or equivalent(each, seen[key], place.inside(key)) for key, each in wanted.items())
    if isinstance(wanted, list) and isinstance(seen, list) and place.is_list:
        return _ordered(wanted, seen, place) is not None
    return bool(canonical(wanted, place) == canonical(seen, place))


def merged_with_actual(wanted: Any, seen: Any, place: Place) -> Any:
    """Return the state in AWS, written as in the program where both are equivalent, with what AWS adds."""
    if isinstance(wanted, dict) and isinstance(seen, dict) and place.is_object:
        mine = {
            key: merged_with_actual(each, seen[key], place.inside(key)) if key in seen else each
            for key, each in wanted.items()
        }
        return {**seen, **mine}
    if isinstance(wanted, list) and isinstance(seen, list) and place.is_list:
        ordered = _ordered(wanted, seen, place)
        if ordered is not None:
            return [merged_with_actual(left, right, place.element) for left, right in zip(wanted, ordered, strict=True)]
    return wanted if equivalent(wanted, seen, place) else seen


def corrected_inputs(wanted: Any, seen: Any, place: Place) -> Any:
    """Return the program's inputs, changed only where AWS differs; nothing is added."""
    if isinstance(wanted, dict) and isinstance(seen, dict) and place.is_object:
        return {
            k: corrected_inputs(each, seen[k], place.inside(k)) if k in seen else each for k, each in wanted.items()
        }
    return wanted if equivalent(wanted, seen, place) else seen


def _ordered(wanted: list[Any], seen: list[Any], place: Place) -> list[Any] | None:
    """Return the actual elements in the order of the wanted ones; None if they are not the same elements."""
    if len(wanted) != len(seen):
        return None
    if place.prop not in place.kind.sets:
        pairs = zip(wanted, seen, strict=True)
        return seen if all(equivalent(left, right, place.element) for left, right in pairs) else None
    ordered, rest = [], list(seen)
    for each in wanted:
        found = next((index for index, other in enumerate(rest) if equivalent(each, other, place.element)), None)
        if found is None:
            return None
        ordered.append(rest.pop(found))
    return ordered


def _document(text: str) -> Any:
    """Parse a JSON text. In policies a list of one equals its element, and lists have no order."""
    try:
        return _policy(json.loads(text))
    except ValueError:
        return text


def _policy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _policy(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        items = sorted((_policy(each) for each in value), key=repr)
        return items[0] if len(items) == 1 else items
    return value
