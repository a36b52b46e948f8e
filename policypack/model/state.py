"""Reads the file that `pulumi stack export` writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from policypack.model import Archive, Asset, Reference, Resource, Stack, Unknown, secret
from policypack.model.signatures import ARCHIVE, ASSET, OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWNS

OLDEST: Final = 3
"""The version of the format since 2018. Pulumi has only added to it."""
_EXPORT: Final = "pulumi stack export --file state.json"


class StateError(Exception):
    """A file is not a state: `what` is wrong with it, and the command (`then`) that writes one."""

    def __init__(self, what: str, then: str = _EXPORT) -> None:
        self.what, self.then = what, then
        super().__init__(f"{what}; {then}")


def read(path: str | Path) -> Stack:
    """Read the stack in an export, or in a state file of a self-managed backend. Raises StateError.

    Secrets are encrypted in it, and so unknown; with `--show-secrets` they are known, and marked as secret.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise StateError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise StateError(f"{path} is not a state: it is not text in UTF-8") from error
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StateError(f"{path} is not a state: it is not JSON") from error
    return stack_of(data, str(path))


def stack_of(data: object, name: str = "the state") -> Stack:
    """The stack in a decoded export, without resources that are pending deletion. Raises StateError."""
    if not isinstance(data, dict):
        raise StateError(f"{name} is not a state: a JSON object is needed")
    version = data.get("version")
    checkpoint = data.get("checkpoint")
    deployment = data.get("deployment", checkpoint.get("latest") if isinstance(checkpoint, dict) else None)
    if not isinstance(version, int) or isinstance(version, bool) or not isinstance(deployment, dict):
        raise StateError(f"{name} is not a state: it has no version and deployment")
    if version < OLDEST:
        raise StateError(
            f"{name} is of version {version}, which is older than can be read", f"pulumi refresh && {_EXPORT}"
        )
    resources = deployment.get("resources") or []
    if not isinstance(resources, list):
        raise StateError(f"{name} is not a state: its resources are no list")
    try:
        made = [_resource(item, f"{name}: resource {index}") for index, item in enumerate(resources)]
    except RecursionError as error:
        raise StateError(f"{name} is not a state: it is nested too deeply") from error
    return Stack(resource for resource in made if resource is not None)


def _resource(item: object, where: str) -> Resource | None:
    """A resource; None for one that is pending deletion, for the stack itself and for providers."""
    if not isinstance(item, dict) or not isinstance(item.get("urn"), str) or not isinstance(item.get("type"), str):
        raise StateError(f"{where} has no urn and type")
    urn, type_ = item["urn"], item["type"]
    if item.get("delete") or type_.startswith(("pulumi:pulumi:", "pulumi:providers:")):
        return None
    inputs, outputs = item.get("inputs"), item.get("outputs")
    properties = outputs if isinstance(outputs, dict) else inputs if isinstance(inputs, dict) else {}
    value = {key: _value(held, key) for key, held in properties.items() if not key.startswith("__")}
    if isinstance(item.get("id"), str):
        value.setdefault("id", item["id"])
    dependencies = item.get("propertyDependencies")
    return Resource(
        urn,
        type_,
        urn.rpartition("::")[2],
        value,
        parent=item["parent"] if isinstance(item.get("parent"), str) else "",
        protect=item.get("protect") is True,
        dependencies=_texts(item.get("dependencies")),
        property_dependencies={key: _texts(urns) for key, urns in dependencies.items()}
        if isinstance(dependencies, dict)
        else {},
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _value(value: Any, path: str) -> Any:
    if isinstance(value, list):
        return [_value(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, dict):
        if SIGNATURE in value:
            return _special(value, path)
        return {key: _value(item, f"{path}.{key}") for key, item in value.items() if not key.startswith("__")}
    if isinstance(value, str) and value in UNKNOWNS:
        return Unknown(path)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _special(value: dict[str, Any], path: str) -> Any:
    """The value of an object with a signature: a secret, an output, an asset, an archive or a resource reference."""
    signature = value[SIGNATURE]
    plain = {key: item for key, item in value.items() if key != SIGNATURE}
    if signature == SECRET:
        return _secret(plain.get("plaintext"), path)
    if signature == OUTPUT and "value" in plain:
        inner = _value(plain["value"], path)
        return secret(inner) if plain.get("secret") is True else inner
    if signature == ASSET:
        return Asset(
            **{key: item for key, item in plain.items() if key in Asset.__struct_fields__ and isinstance(item, str)}
        )
    if signature == ARCHIVE:
        texts = {key: item for key, item in plain.items() if key in {"hash", "path", "uri"} and isinstance(item, str)}
        assets = plain.get("assets")
        return Archive(**texts, assets=_value(assets, path) if isinstance(assets, dict) else {})
    if signature == RESOURCE:
        return Reference(urn=str(plain.get("urn") or ""), id=plain.get("id") or Unknown(path))
    return Unknown(
        path
    )  # an encrypted secret, an output without a value, or a kind of value that this version does not know


def _secret(plaintext: object, path: str) -> Any:
    """The value of a secret that was exported in plaintext, as JSON in a string; unknown where it is encrypted."""
    if not isinstance(plaintext, str):
        return Unknown(path)
    try:
        return secret(_value(json.loads(plaintext), path))
    except (ValueError, RecursionError):
        return Unknown(path)
