"""Remedies: functions that change a resource's inputs so that a rule passes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from policypack.model.resource import steps

Remedy = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a resource's inputs in camelCase and returns the changed inputs; never modifies its argument."""


def put(path: str, value: Any) -> Remedy:
    """Set the property at a path of keys, and make the objects on the way where they are absent."""

    def remedy(properties: dict[str, Any]) -> dict[str, Any]:
        changed = dict(properties)
        node, keys = changed, [str(step) for step in steps(path)]
        for key in keys[:-1]:
            node[key] = dict(node[key]) if isinstance(node.get(key), dict) else {}
            node = node[key]
        node[keys[-1]] = copy.deepcopy(value)
        return changed

    return remedy
