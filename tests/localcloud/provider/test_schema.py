"""What the provider believes of pulumi_aws is what the installed pulumi_aws says."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest
from pulumi._types import resource_pulumi_to_py_names

from localcloud.provider import generate_schema, install, package, registry, schema, version
from localcloud.provider.resource_kind import ALL

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.provider.resource_kind import Kind

TYPES = sorted(registry.MODULES)


def test_schema_is_what_the_sdk_says() -> None:
    """A new pulumi_aws that gains, loses or retypes a property of a type here makes this fail: regenerate."""
    assert generate_schema.render(generate_schema.build(registry.MODULES)) == schema.FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("token", TYPES)
def test_inputs_are_the_arguments_of_the_sdk_class(token: str) -> None:
    """Seen another way than the generator's: the keyword arguments that people write."""
    cls = generate_schema.resource_class(token)
    python = resource_pulumi_to_py_names(cls)
    initializer: Any = getattr(cls, "_internal_init")  # noqa: B009 - the type checker knows only `type`
    arguments = set(inspect.signature(initializer).parameters) - {"__self__", "resource_name", "opts", "__props__"}
    assert {python[prop] for prop in schema.resource(token).inputs.types} == arguments


@pytest.mark.parametrize("token", TYPES)
def test_tables_name_existing_properties(token: str) -> None:
    """A misspelt property in a kind's table would silently do nothing."""
    kind = registry.kind(token)
    assert kind.urn_type == token
    for path in _paths(kind):
        assert _exists(kind, path), path
    nested = _names(kind)
    assert kind.sets <= nested
    assert kind.documents <= nested


def test_every_module_serves_only_registered_types() -> None:
    """A kind that registry.py lacks could never be reached."""
    found = {each.urn_type for token in TYPES for each in _module(token).KINDS}
    assert found == set(TYPES)


def test_the_package_schema_describes_the_types() -> None:
    """Pulumi's tools read it: every reference in it leads somewhere."""
    described = package.schema()
    text = json.dumps(described)
    used = {part.split('"')[0] for part in text.split('"#/types/')[1:]}
    assert used <= described["types"].keys()
    assert set(described["resources"]) == set(TYPES)


def test_install_writes_an_executable_plugin_once(tmp_path: Path) -> None:
    """The engine finds it by the version of pulumi_aws; a second install leaves it alone."""
    plugin = install(tmp_path)
    assert plugin == tmp_path / "plugins" / f"resource-aws-v{version()}" / "pulumi-resource-aws"
    assert plugin.stat().st_mode & 0o111
    before = plugin.stat().st_mtime_ns
    assert install(tmp_path) == plugin
    assert plugin.stat().st_mtime_ns == before
    assert version() == generate_schema.build([])["version"]


def _module(token: str) -> Any:
    return inspect.getmodule(type(registry.kind(token)))


def _paths(kind: Kind) -> set[str]:
    single = {kind.name.prop} if kind.name else set()
    fifo = {kind.name.fifo} if kind.name and kind.name.fifo else set()
    groups = {each for group in kind.conflicts + kind.one_of for each in group}
    replaces = set() if kind.replaces is ALL else kind.replaces
    tables = {*kind.defaults, *kind.inner_names, *kind.choices, *kind.bounds, *kind.unsupported}
    return {*tables, *kind.computed, *kind.quiet, *replaces, *single, *fifo, *groups}


def _exists(kind: Kind, path: str) -> bool:
    types = kind.schema.inputs.types
    *outer, last = path.split(".")
    for part in outer:
        of = types[part.removesuffix("[]")]
        assert of.startswith("[") == part.endswith("[]"), path
        types = schema.fields(of.strip("[]")).types
    return last in types


def _names(kind: Kind) -> set[str]:
    """All names of properties at any depth."""
    names: set[str] = set()
    waiting = [kind.schema.inputs.types]
    while waiting:
        types = waiting.pop()
        fresh = types.keys() - names
        names |= fresh
        inner = {types[name].strip("[]{}") for name in fresh} - schema.SCALARS
        waiting += [schema.fields(each).types for each in inner]
    return names
