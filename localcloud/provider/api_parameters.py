"""Conversion of Pulumi properties to API parameters and back, based on botocore's models and the schema's types.

The names are regular (`productionVariants[].routingConfigs` is ProductionVariants[].RoutingConfig); service modules
list exceptions. A list of one and an object are interchangeable: Terraform has blocks where the API has objects.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from localcloud.provider import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Renames = dict[str, str]
"""Property to API name, where they differ by more than upper and lower case and plural.

A name that a structure lacks is another structure's: in it the property goes by its own name. An empty name leaves the
property out.
"""


def parameters(client: Any, operation: str, inputs: Mapping[str, Any], renames: Renames) -> dict[str, Any]:
    """Convert inputs to an operation's parameters. Properties that the operation lacks are left out."""
    shape = input_shape(client, operation)
    return _structure(shape, inputs, renames)


def input_shape(client: Any, operation: str) -> Any:
    """Return botocore's model of an operation's parameters; operation is boto3's name, such as create_queue."""
    name = client.meta.method_to_api_mapping[operation]
    return client.meta.service_model.operation_model(name).input_shape


def properties(types: Mapping[str, str], answer: Mapping[str, Any], renames: Renames) -> dict[str, Any]:
    """Convert a response to properties. Empty texts, lists and objects count as absent."""
    out = {}
    for prop, of in types.items():
        member = _member(prop, answer, renames)
        if member is not None:
            value = _property(of, answer[member], renames)
            if value is not None:
                out[prop] = value
    return out


def pairs(tags: Mapping[str, Any], key: str = "Key", value: str = "Value") -> list[dict[str, Any]]:
    """Convert a map to the list of pairs that many APIs use."""
    return [{key: name, value: each} for name, each in tags.items()]


def unpaired(items: Iterable[Mapping[str, Any]], key: str = "Key", value: str = "Value") -> dict[str, Any]:
    """Convert such a list to a map."""
    return {each[key]: each.get(value, "") for each in items}


def _structure(shape: Any, value: Mapping[str, Any], renames: Renames) -> dict[str, Any]:
    out = {}
    for prop, each in value.items():
        member = _member(prop, shape.members, renames)
        if member is not None:
            converted = _parameter(shape.members[member], each, renames)
            if converted is not None:
                out[member] = converted
    return out


def _parameter(shape: Any, value: Any, renames: Renames) -> Any:
    if shape.type_name == "structure":
        if isinstance(value, list):
            value = value[0] if value else None
        return _structure(shape, value, renames) if isinstance(value, dict) else None
    if shape.type_name == "list":
        if isinstance(value, dict):
            keys = _pair(shape.member)
            value = pairs(value, *keys) if keys else [value]
            return value if keys else [_parameter(shape.member, each, renames) for each in value]
        return [_parameter(shape.member, each, renames) for each in value]
    if shape.type_name == "map":
        return {key: _parameter(shape.value, each, renames) for key, each in value.items()}
    if shape.type_name in ("float", "double"):
        return float(value)
    if shape.type_name == "string":
        return str(value)
    return value


def _pair(shape: Any) -> tuple[str, str] | None:
    """Return the member names of pairs, if a list's elements are pairs."""
    if shape.type_name == "structure" and len(shape.members) == 2:  # noqa: PLR2004 - a pair
        for key in ("Key", "Name", "TagKey"):
            value = {"Key": "Value", "Name": "Value", "TagKey": "TagValue"}[key]
            if shape.members.keys() == {key, value}:
                return key, value
    return None


def _member(prop: str, members: Mapping[str, Any], renames: Renames) -> str | None:
    if prop in renames and (renames[prop] in members or not renames[prop]):
        return renames[prop] or None
    lower = {member.lower(): member for member in members}
    name = prop.lower()
    guesses = [name, name.removesuffix("s"), f"{name}s", name.removesuffix("es")]
    guesses += [f"{name[:-3]}y"] if name.endswith("ies") else []
    return next((lower[guess] for guess in guesses if guess in lower), None)


def _property(of: str, value: Any, renames: Renames) -> Any:
    if value in (None, "", [], {}):
        return None
    if of.startswith("["):
        items = value if isinstance(value, list) else [value]
        return [each for each in (_property(schema.element(of), item, renames) for item in items) if each is not None]
    if of.startswith("{"):
        if isinstance(value, list):
            key = next(name for name in ("Key", "Name", "TagKey") if name in value[0])
            value = unpaired(value, key, {"TagKey": "TagValue"}.get(key, "Value"))
        return dict(value)
    if of not in schema.SCALARS:
        if isinstance(value, list):
            value = value[0]
        return properties(schema.fields(of).types, value, renames) or None
    return _scalar(of, value)


def _scalar(of: str, value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if of == "str":
        return f"{value:g}" if isinstance(value, float) else str(value)  # 0 and 0.5, as Terraform writes numbers
    if of == "int":
        return int(value)
    if of == "num":
        return int(value) if float(value).is_integer() else float(value)
    if of == "bool":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    return value
