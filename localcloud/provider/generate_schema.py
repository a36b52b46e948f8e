"""Generate schema.json: names and types of properties, read from the installed pulumi_aws.

Run `python -m localcloud.provider.generate_schema` after an update of pulumi_aws or a new line in registry.py. A test
compares the file with the SDK. The SDK provides names, types, which properties are required and which are computed;
defaults and properties that force a replacement are in the service modules.
"""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import json
import sys
import typing
from typing import Any

import pulumi

from localcloud.provider.registry import MODULES
from localcloud.provider.schema import FILE

PACKAGE = "pulumi_aws"
WORDS: dict[str, Any] = {"Output": pulumi.Output, "T": typing.TypeVar("T"), "Any": Any}
"""What the SDK's annotations name beyond their own module."""


def resource_class(token: str) -> type:
    """Return the SDK's class of a type token such as aws:sqs/queue:Queue."""
    _, path, name = token.split(":")
    module = path.split("/")[0]
    package = importlib.import_module(f"{PACKAGE}.{'lambda_' if module == 'lambda' else module}")
    found: type = getattr(package, name)
    return found


def build(tokens: collections.abc.Iterable[str]) -> dict[str, Any]:
    """Return the types in the format of schema.json."""
    types: dict[str, Any] = {}
    resources = {token: _resource(resource_class(token), types) for token in sorted(tokens)}
    return {"version": _version(), "resources": resources, "types": dict(sorted(types.items()))}


def render(schema: dict[str, Any]) -> str:
    """Return the JSON text with one line per resource and type, so that a diff shows which one changed."""
    lines = ["{", '"generated": "by python -m localcloud.provider.generate_schema, from the pulumi_aws SDK",']
    lines.append(f'"version": {json.dumps(schema["version"])},')
    for part in ("resources", "types"):
        entries = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in schema[part].items()]
        lines += [f'"{part}": {{', ",\n".join(entries), "}," if part == "resources" else "}"]
    return "\n".join([*lines, "}"]) + "\n"


def _version() -> str:
    package = importlib.import_module(PACKAGE)
    plugin = json.loads((importlib.resources.files(package) / "pulumi-plugin.json").read_text(encoding="utf-8"))
    return str(plugin["version"])


def _resource(cls: type, types: dict[str, Any]) -> dict[str, Any]:
    module = sys.modules[cls.__module__]
    args = getattr(module, f"{cls.__name__}InitArgs", None) or getattr(module, f"{cls.__name__}Args")
    inputs, required = _fields(args, types)
    outputs: dict[str, str] = {}
    computed = []
    for name, hint in _getters(cls):
        inner = typing.get_args(hint)[0]  # Output[T]
        if name not in inputs:
            outputs[name] = _type(inner, types)
        elif name not in required and not _optional(inner):
            computed.append(name)
    return {"in": inputs, "required": required, "computed": sorted(computed), "out": outputs}


def _fields(args: type, types: dict[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The names and types of an Args class, and which are required (no default in __init__)."""
    parameters = inspect.signature(args).parameters
    names = dict(_python_names(args))
    fields = {names[key]: "" for key in parameters}
    for name, hint in _getters(args):
        fields[name] = _type(hint, types)
    required = [names[key] for key, each in parameters.items() if each.default is inspect.Parameter.empty]
    return fields, required


def _python_names(cls: type) -> collections.abc.Iterator[tuple[str, str]]:
    """The Python and Pulumi names of a class's properties."""
    for python, each in inspect.getmembers_static(cls, lambda value: isinstance(value, property)):
        yield python, getattr(each.fget, "_pulumi_name", python)


def _getters(cls: type) -> collections.abc.Iterator[tuple[str, Any]]:
    for python, each in inspect.getmembers_static(cls, lambda value: isinstance(value, property)):
        if issubclass(cls, pulumi.Resource) and each.fget.__module__ == pulumi.resource.__name__:
            continue  # id, urn and the like: every resource's, not the type's
        hints = typing.get_type_hints(each.fget, vars(sys.modules[cls.__module__]), WORDS)
        yield getattr(each.fget, "_pulumi_name", python), hints["return"]


def _optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def _type(hint: Any, types: dict[str, Any]) -> str:
    """Return a type hint as in schema.json: str, int, num, bool, any, asset, archive, [T], {T} or a type's name."""
    hint = _unwrap(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (collections.abc.Sequence, list):
        return f"[{_type(args[0], types)}]"
    if origin in (collections.abc.Mapping, dict):
        return f"{{{_type(args[1], types)}}}"
    simple = {str: "str", int: "int", float: "num", bool: "bool", Any: "any"}
    if hint in simple:
        return simple[hint]
    name: str = hint.__name__
    if name in ("Asset", "Archive"):
        return name.lower()
    if not hasattr(hint, "__mro__") or hint.__module__.split(".")[0] != PACKAGE:
        raise TypeError(f"no word for {hint!r} in schema.json")
    key = f"{hint.__module__.split('.')[1]}.{name.removesuffix('Args')}"
    if key not in types:
        types[key] = {}  # before the fields: types may contain themselves
        fields, required = _fields(hint, types)
        types[key] = {"in": fields, "required": required}
    return key


def _unwrap(hint: Any) -> Any:
    """Remove Input, Optional and alternatives for Python callers only (enums, dicts, outputs)."""
    while typing.get_origin(hint) is typing.Union:
        choices = [each for each in typing.get_args(hint) if _wire(each)]
        plain = [each for each in choices if each in (str, int, float, bool)]
        hint = (plain or choices)[0]
    return hint


def _wire(choice: Any) -> bool:
    origin = typing.get_origin(choice)
    if choice is type(None) or origin is collections.abc.Awaitable:
        return False
    name = getattr(origin or choice, "__qualname__", "")
    return name != "Output" and not name.endswith("ArgsDict")


if __name__ == "__main__":
    FILE.write_text(render(build(MODULES)), encoding="utf-8")
