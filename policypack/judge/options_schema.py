"""A rule's options as the JSON schema that Pulumi validates configuration with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from policypack.rule import Options


def properties(options: type[Options]) -> dict[str, dict[str, Any]]:
    """The schema of each option by its name in configuration (camelCase); Pulumi takes no `$ref`."""
    (_,), components = msgspec.json.schema_components([options])
    schema: dict[str, dict[str, Any]] = components[options.__name__]["properties"]
    return schema
