"""Properties that hold a JSON document: policies, redrive policies, event patterns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policypack.model import Undecided, is_unknown

if TYPE_CHECKING:
    from policypack.model import Resource


def json_property(resource: Resource, path: str, default: str = "{}") -> Any:
    """The parsed document at a path. Raises `Undecided` if it is not known yet, ValueError if it is not JSON."""
    text = resource.get(path, default)
    if is_unknown(text):
        raise Undecided(path)
    return json.loads(text)
