"""Resource types whose API is a map of text attributes: SQS and SNS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_attributes(inputs: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Convert properties to attributes. Unset properties are left out."""
    return {name: text(inputs[prop]) for prop, name in names.items() if inputs.get(prop) is not None}


def text(value: Any) -> str:
    """Convert one value to text: true, 30, or the text itself."""
    return value if isinstance(value, str) else json.dumps(value)


def changes(inputs: Mapping[str, Any], old: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return the changed attributes. A removed property becomes an empty text, which removes the attribute."""
    new = {prop: inputs.get(prop) for prop in names if inputs.get(prop) != old.get(prop)}
    return {names[prop]: "" if value is None else text(value) for prop, value in new.items()}


def from_attributes(described: Mapping[str, str], names: Mapping[str, str], types: Mapping[str, str]) -> dict[str, Any]:
    """Convert attributes to properties of their types. Attributes that AWS does not return are left out."""
    found: dict[str, Any] = {}
    for prop, name in names.items():
        if described.get(name) not in (None, ""):
            of = types[prop]
            found[prop] = json.loads(str(described[name]).lower()) if of in ("int", "bool") else described[name]
    return found
