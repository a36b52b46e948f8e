"""The package schema for Pulumi's tools, with the types of this provider."""

from __future__ import annotations

from typing import Any, Final

from localcloud.provider.schema import SCALARS, document, element

SIMPLE: Final[dict[str, dict[str, Any]]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "num": {"type": "number"},
    "bool": {"type": "boolean"},
    "any": {"$ref": "pulumi.json#/Any"},
    "asset": {"$ref": "pulumi.json#/Asset"},
    "archive": {"$ref": "pulumi.json#/Archive"},
}


def schema() -> dict[str, Any]:
    """Build the package schema from schema.json."""
    raw = document()
    return {
        "name": "aws",
        "version": raw["version"],
        "resources": {token: _resource(each) for token, each in raw["resources"].items()},
        "types": {
            _type_token(name): {"type": "object", **_object(each["in"], each["required"])}
            for name, each in raw["types"].items()
        },
    }


def _resource(raw: dict[str, Any]) -> dict[str, Any]:
    both = {**raw["in"], **raw["out"]}
    always = [*raw["required"], *raw["computed"], *raw["out"]]
    return {
        **_object(both, always),
        "inputProperties": _properties(raw["in"]),
        "requiredInputs": raw["required"],
    }


def _object(types: dict[str, str], required: list[str]) -> dict[str, Any]:
    return {"properties": _properties(types), "required": required}


def _properties(types: dict[str, str]) -> dict[str, Any]:
    return {name: _type(of) for name, of in types.items()}


def _type(of: str) -> dict[str, Any]:
    if of.startswith("["):
        return {"type": "array", "items": _type(element(of))}
    if of.startswith("{"):
        return {"type": "object", "additionalProperties": _type(element(of))}
    return SIMPLE[of] if of in SCALARS else {"$ref": f"#/types/{_type_token(of)}"}


def _type_token(name: str) -> str:
    module, _, plain = name.partition(".")
    return f"aws:{module.rstrip('_')}/{plain}:{plain}"
