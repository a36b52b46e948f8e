"""Check: validation of a program's properties, and the defaults that the official provider fills in."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localcloud.provider import naming, property_paths, schema
from localcloud.provider.wire import UNKNOWN, Asset, Unknown, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud.provider.resource_kind import Kind

DEFAULTS = "__defaults"
"""Where the bridge, and this provider, note which inputs Check filled in."""


@dataclass(frozen=True)
class Failure:
    """An invalid property: its path and the reason."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CheckContext:
    """What Check needs besides the properties. proposed: a name from Pulumi's autonaming configuration."""

    logical: str
    seed: bytes
    region: str
    tags: Mapping[str, str] = field(default_factory=dict)
    proposed: str = ""


def check(
    kind: Kind, olds: Mapping[str, Any], news: Mapping[str, Any], around: CheckContext
) -> tuple[dict[str, Any], list[Failure]]:
    """Return the inputs with the defaults of the official provider, and all failures."""
    types = kind.schema.inputs.types
    said = {key: value for key, value in news.items() if not key.startswith("__") and key != "tagsAll"}
    inputs = {key: coerced(value, types.get(key, "any")) for key, value in said.items()}
    failures = [*_failures(kind, inputs)]
    failures = failures or [Failure(path, why) for path, why in kind.faults(with_defaults(kind, inputs))]
    if failures:
        return inputs, failures
    if "region" in types:
        inputs.setdefault("region", around.region)
    if "tagsAll" in kind.schema.outputs:
        tags = inputs.get("tags", {})
        inputs["tagsAll"] = UNKNOWN if has_unknown(tags) else {**around.tags, **tags}
    filled = _fill_name(kind, olds, inputs, around, failures)
    _fill_inner_names(kind, inputs, around.logical)
    filled += _fill_defaults(kind, inputs)
    inputs[DEFAULTS] = sorted(filled)
    return inputs, failures


def with_defaults(kind: Kind, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs for AWS calls and outputs: with all defaults of the schema, without the bridge's own keys."""
    full: dict[str, Any] = copied({key: value for key, value in inputs.items() if not key.startswith("__")})
    blocked = _blocked(kind, full)
    for path, default in kind.defaults.items():
        if path not in blocked:
            for owner, key in property_paths.parents(full, path):
                owner.setdefault(key, default)
    return full


def coerced(value: Any, of: str) -> Any:
    """Convert scalars as the bridge does: "30" to 30, "true" to True, 1 to "1", according to the schema."""
    if isinstance(value, dict) and of.startswith("{"):
        return {key: coerced(each, schema.element(of)) for key, each in value.items()}
    if isinstance(value, dict) and of not in schema.SCALARS and not of.startswith("["):
        types = schema.fields(of).types
        return {key: coerced(each, types.get(key, "any")) for key, each in value.items() if not key.startswith("__")}
    if isinstance(value, list) and of.startswith("["):
        return [coerced(each, schema.element(of)) for each in value]
    if of == "str" and isinstance(value, bool | int | float):
        return json.dumps(value)
    if of == "bool" and value in ("true", "false"):
        return value == "true"
    if of in ("int", "num") and isinstance(value, str):
        try:
            return int(value) if of == "int" else float(value)
        except ValueError:
            return value
    return value


def _failures(kind: Kind, inputs: dict[str, Any]) -> Iterator[Failure]:
    given = kind.name.prop if kind.name else ""
    yield from _object("", inputs, kind.schema.inputs, frozenset({given}))
    for prop, instead in kind.unsupported.items():
        if prop in inputs:
            yield Failure(prop, f"the local provider cannot do this; use {instead}")
    yield from _groups(kind, inputs)
    yield from _ranges(kind, inputs)
    for path in kind.documents:
        if isinstance(inputs.get(path), str) and not _is_json(inputs[path]):
            yield Failure(path, "contains an invalid JSON text")


def _groups(kind: Kind, inputs: dict[str, Any]) -> Iterator[Failure]:
    for group in kind.named_conflicts:
        used = [each for each in group if each in inputs and not isinstance(inputs[each], Unknown)]
        if len(used) > 1:
            yield Failure(used[1], f"conflicts with {used[0]}: only one of {', '.join(group)} can be set")
    for group in kind.one_of:
        used = [each for each in group if each in inputs]
        if len(used) != 1:
            yield Failure(used[1] if used else group[0], f"exactly one of {', '.join(group)} must be set")


def _ranges(kind: Kind, inputs: dict[str, Any]) -> Iterator[Failure]:
    for path, allowed in kind.choices.items():
        for owner, key in property_paths.parents(inputs, path):
            if isinstance(owner.get(key), str) and owner[key] not in allowed:
                yield Failure(path, f"expected one of {', '.join(allowed)}, got {owner[key]}")
    for path, (low, high) in kind.bounds.items():
        for owner, key in property_paths.parents(inputs, path):
            if isinstance(owner.get(key), int | float) and not low <= owner[key] <= high:
                yield Failure(path, f"expected to be in the range ({low} - {high}), got {owner[key]}")


def _object(path: str, value: dict[str, Any], fields: schema.Fields, filled: frozenset[str]) -> Iterator[Failure]:
    for key, each in value.items():
        place = f"{path}.{key}" if path else key
        if key in fields.types:
            yield from _value(place, each, fields.types[key])
        else:
            near = difflib.get_close_matches(key, fields.types, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(fields.types))}"
            yield Failure(place, f"an unexpected argument{hint}")
    for key in sorted(fields.required - value.keys() - filled):
        yield Failure(f"{path}.{key}" if path else key, "missing required property")


def _value(path: str, value: Any, of: str) -> Iterator[Failure]:
    if isinstance(value, Unknown) or of == "any":
        return
    if of[0] == "[" and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _value(f"{path}[{index}]", each, schema.element(of))
    elif of[0] == "{" and isinstance(value, dict):
        for key, each in value.items():
            yield from _value(f'{path}["{key}"]', each, schema.element(of))
    elif of[0] not in "[{" and of not in schema.SCALARS and isinstance(value, dict):
        yield from _object(path, value, schema.fields(of), frozenset())
    elif not _fits(value, of):
        wanted = {"[": "a list", "{": "a map"}.get(of[0]) or WORDS.get(of, "an object")
        yield Failure(path, f"expected {wanted}, got {_type_name(value)}")


WORDS = {
    "str": "a string",
    "int": "a whole number",
    "num": "a number",
    "bool": "a boolean",
    "asset": "an asset",
    "archive": "an archive",
}


def _fits(value: Any, of: str) -> bool:
    if isinstance(value, bool):
        return of == "bool"
    if isinstance(value, Asset):
        return of in (value.kind, "asset")
    wanted: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "num": (int, float)}
    return of in wanted and isinstance(value, wanted[of])


def _type_name(value: Any) -> str:
    """Name the type of a value, never its content: it may be a secret."""
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), "an asset")


def _fill_name(
    kind: Kind, olds: Mapping[str, Any], inputs: dict[str, Any], around: CheckContext, failures: list[Failure]
) -> list[str]:
    if kind.name is None or kind.name.prop in inputs or (kind.name_prefix and kind.name_prefix in inputs):
        return []
    prop = kind.name.prop
    noted = olds.get(DEFAULTS)
    if olds.get(prop) and (noted is None or prop in noted):
        inputs[prop] = olds[prop]
    elif around.proposed:
        inputs[prop] = naming.add_affixes(kind.name, around.proposed, inputs)
    else:
        try:
            inputs[prop] = naming.automatic(kind.name, around.logical, around.seed, inputs)
        except naming.NameTooLongError as error:
            failures.append(Failure(prop, str(error)))
            return []
    return [prop]


def _fill_inner_names(kind: Kind, inputs: dict[str, Any], logical: str) -> None:
    """Name parts of a resource: names are unique within it, and equal positions get equal names."""
    for path, name in kind.inner_names.items():
        for index, (owner, key) in enumerate(property_paths.parents(inputs, path)):
            owner.setdefault(key, naming.automatic(name, logical, f"{logical}{path}{index}".encode(), {}))


def _fill_defaults(kind: Kind, inputs: dict[str, Any]) -> list[str]:
    """Fill in truthy defaults of the schema; the bridge leaves out false, 0 and "" since 3.127."""
    filled, blocked = [], _blocked(kind, inputs)
    for path, default in kind.defaults.items():
        if not default or path in blocked:
            continue
        for owner, key in property_paths.parents(inputs, path):
            if key not in owner:
                owner[key] = default
                filled += [key] if owner is inputs else []
    return filled


def _blocked(kind: Kind, inputs: Mapping[str, Any]) -> set[str]:
    """Return properties without default because another one of their conflict group is set."""
    groups = kind.named_conflicts + kind.one_of
    return {each for group in groups if any(other in inputs for other in group) for each in group if each not in inputs}


def copied(value: Any) -> Any:
    """Copy objects and lists deeply."""
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
