"""Automatic names of the official provider, deterministic per request, and names with a prefix."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.provider.resource_kind import Kind, Name


class NameTooLongError(ValueError):
    """The logical name leaves no room for the random suffix."""


def automatic(name: Name, logical: str, seed: bytes, inputs: Mapping[str, Any]) -> str:
    """Return logical name, hyphen and 7 hex digits from the engine's random seed."""
    if not name.random:
        return logical
    stem = f"{logical.lower() if name.lower else logical}-"
    if len(stem) + name.random > name.longest:
        raise NameTooLongError(
            f"name '{stem}' plus {name.random} random chars is longer than maximum length {name.longest}"
        )
    return add_affixes(name, stem + hashlib.sha256(seed or secrets.token_bytes(32)).hexdigest()[: name.random], inputs)


def add_affixes(name: Name, value: str, inputs: Mapping[str, Any]) -> str:
    """Add AWS's affixes: alias/ for a key alias, .fifo for a FIFO queue or topic."""
    begun = value if value.startswith(name.start) else name.start + value
    return f"{begun}.fifo" if name.fifo and inputs.get(name.fifo) is True else begun


def creation_name(kind: Kind, inputs: Mapping[str, Any]) -> str:
    """Return the name for the creation: the checked one, or the prefix with a unique suffix as in Terraform."""
    if kind.name is None:
        raise TypeError(f"{kind.urn_type} has no name")
    checked = inputs.get(kind.name.prop)
    if checked:
        return str(checked)
    prefix = str(inputs.get(kind.name_prefix or "") or "terraform-")
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    unique = f"{prefix}{stamp}{secrets.randbelow(10**4):04d}{secrets.token_hex(4)}"
    return f"{unique}.fifo" if kind.name.fifo and inputs.get(kind.name.fifo) is True else unique
