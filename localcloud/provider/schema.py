"""The properties of each resource type: names, types, required and computed ones. Read from schema.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("schema.json")

SCALARS: Final = frozenset({"str", "int", "num", "bool", "any", "asset", "archive"})


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Properties by name with their types, written as in schema.json: a scalar, [T], {T} or the name of an object."""

    types: dict[str, str]
    required: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ResourceSchema:
    """A resource type's inputs, and the outputs that are not inputs.

    computed: inputs that AWS computes if the program does not set them. Terraform calls them "optional and computed";
    they are unknown in a preview, and removing one from the program changes nothing.
    """

    inputs: Fields
    computed: frozenset[str]
    outputs: dict[str, str]

    @property
    def properties(self) -> dict[str, str]:
        """The types of all properties."""
        return {**self.inputs.types, **self.outputs}


@cache
def document() -> dict[str, Any]:
    """Return schema.json, parsed once."""
    parsed: dict[str, Any] = json.loads(FILE.read_bytes())
    return parsed


@cache
def resource(token: str) -> ResourceSchema:
    """Return a resource type's schema. Raises KeyError for an unknown token."""
    raw = document()["resources"][token]
    inputs = Fields(types=raw["in"], required=frozenset(raw["required"]))
    return ResourceSchema(inputs=inputs, computed=frozenset(raw["computed"]), outputs=raw["out"])


@cache
def fields(name: str) -> Fields:
    """Return the properties of an object type, such as dynamodb.TableTtl."""
    raw = document()["types"][name]
    return Fields(types=raw["in"], required=frozenset(raw["required"]))


def element(of: str) -> str:
    """Return T of [T] or {T}."""
    return of[1:-1]
