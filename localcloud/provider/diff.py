"""Diff: changed properties, and which of them force a replacement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from localcloud.provider import property_paths
from localcloud.provider.check import DEFAULTS, copied, with_defaults
from localcloud.provider.comparison import Place, at, canonical, equivalent
from localcloud.provider.resource_kind import ALL
from localcloud.provider.wire import Asset, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud.provider.resource_kind import Kind


What = Literal["add", "delete", "update"]


@dataclass(frozen=True)
class Change:
    """A property that is added, deleted or updated, and whether that forces a replacement."""

    path: str
    what: What
    replaces: bool


def changes(kind: Kind, old: Mapping[str, Any], state: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[Change]:
    """List the differences between a resource and its new inputs.

    old: its previous inputs; the state is used for properties they lack, so that drift of a default is detected.
    Properties that AWS computes are unchanged if the program removes them, as in Terraform.
    """
    new = with_defaults(kind, inputs)
    before = _without_computed(kind, known_inputs(kind, old, state), new)
    found = []
    for prop in sorted(before.keys() | new.keys()):
        if _unchanged_default(kind, prop, old, state, new):
            continue
        for path, what in _differences(prop, before.get(prop), new.get(prop), at(kind, prop)):
            found.append(Change(path, what, _replaces(kind, prop, path)))
    return found


def _without_computed(kind: Kind, before: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Remove the parts of objects that AWS computed and the program never set."""
    out: dict[str, Any] = copied(before)
    for path in kind.computed:
        if not any(key in owner for owner, key in property_paths.parents(new, path)):
            for owner, key in property_paths.parents(out, path):
                owner.pop(key, None)
    return out


def _unchanged_default(
    kind: Kind, prop: str, old: Mapping[str, Any], state: Mapping[str, Any], new: Mapping[str, Any]
) -> bool:
    """Whether a property has its wanted value although the old inputs lack it."""
    if prop not in new:
        return prop in kind.schema.computed or prop in kind.kept
    return prop not in old and prop in state and equivalent(new[prop], state[prop], at(kind, prop))


def _replaces(kind: Kind, prop: str, path: str) -> bool:
    if kind.replaces is ALL:
        return prop not in ("tags", "tagsAll")
    return prop == "region" or property_paths.is_covered(kind.replaces, path)


def must_delete_first(kind: Kind, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether the old resource must be deleted before the new one is created: both have the same explicit name."""
    if kind.delete_first:
        return True
    if kind.name is None or kind.name.prop not in inputs:
        return False
    prop = kind.name.prop
    return prop not in inputs.get(DEFAULTS, ()) and inputs[prop] == old.get(prop)


def known_inputs(kind: Kind, old: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a resource: those of the program, and for missing ones those that AWS returns."""
    before = with_defaults(kind, old)
    tops = {path for path in kind.defaults if "." not in path}
    for prop in kind.schema.inputs.types.keys() - old.keys() - kind.schema.computed - kind.quiet:
        if (prop in tops and prop in state) or (
            prop not in tops and state.get(prop) not in (None, "", 0, False, [], {})
        ):
            before[prop] = state[prop]
    return before


def _differences(path: str, old: Any, new: Any, place: Place) -> Iterator[tuple[str, What]]:
    if old is None or new is None:
        if new or old:  # to Terraform, false, 0 and "" are as good as nothing
            yield path, "add" if old is None else "delete"
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(_join(path, key, place), old.get(key), new.get(key), _inner(place, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and place.prop not in place.kind.sets:
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{path}[{index}]", left, right, place.element if place.is_list else place)
    elif _is_updated(old, new, place):
        yield path, "update"


def _is_updated(old: Any, new: Any, place: Place) -> bool:
    """Whether a value, taken as a whole, is not the old one; an asset without a hash never is."""
    if isinstance(old, Asset) and isinstance(new, Asset):
        return old.hash != new.hash or not old.hash
    return has_unknown(new) or canonical(old, place) != canonical(new, place)


def _inner(place: Place, key: str) -> Place:
    if place.is_object:
        return place.inside(key)
    return place if place.type == "any" else place.element


def _join(path: str, key: str, place: Place) -> str:
    return f"{path}.{key}" if place.is_object else f'{path}["{key}"]'
