"""Names: those the official provider makes up, deterministic for one request, and those from a prefix."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.provider.kind import Kind, Name


class NameTooLongError(ValueError):
    """The logical name leaves no room for the random part."""


def automatic(name: Name, logical: str, seed: bytes, inputs: Mapping[str, Any]) -> str:
    """Return logical name, hyphen and 7 hex digits drawn from the engine's seed: the same seed gives the same name."""
    if not name.random:
        return logical
    stem = f"{logical.lower() if name.lower else logical}-"
    if len(stem) + name.random > name.longest:
        raise NameTooLongError(
            f"name '{stem}' plus {name.random} random chars is longer than maximum length {name.longest}"
        )
    return finish(name, stem + hashlib.sha256(seed or secrets.token_bytes(32)).hexdigest()[: name.random], inputs)


def finish(name: Name, value: str, inputs: Mapping[str, Any]) -> str:
    """Add what AWS wants at the ends: alias/ in front of a key alias, .fifo behind a FIFO queue or topic."""
    begun = value if value.startswith(name.start) else name.start + value
    return f"{begun}.fifo" if name.fifo and inputs.get(name.fifo) is True else begun


def given(kind: Kind, inputs: Mapping[str, Any]) -> str:
    """Return the name to create with: the checked one, or the prefix with a unique ending as Terraform makes it."""
    if kind.name is None:
        raise TypeError(f"{kind.urn_type} has no name")
    checked = inputs.get(kind.name.prop)
    if checked:
        return str(checked)
    prefix = str(inputs.get(kind.name_prefix or "") or "terraform-")
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    unique = f"{prefix}{stamp}{secrets.randbelow(10**4):04d}{secrets.token_hex(4)}"
    return f"{unique}.fifo" if kind.name.fifo and inputs.get(kind.name.fifo) is True else unique
