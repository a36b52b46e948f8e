"""The outputs of a resource that are known in a preview.

As in the official provider: inputs and defaults of Check are known, what AWS computes is unknown. Nothing may be known
here that is unknown there: a policy that passes here would be undecided for a real account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.provider import diff, property_paths
from localcloud.provider.check import with_defaults
from localcloud.provider.wire import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.provider.resource_kind import Kind


def created(kind: Kind, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a resource to be created."""
    outputs = with_defaults(kind, inputs)
    for prop in [*kind.schema.computed, *kind.schema.outputs]:
        outputs.setdefault(prop, UNKNOWN)
    _open_nested(kind, outputs)
    return outputs


def updated(kind: Kind, old: Mapping[str, Any], state: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a resource to be updated: unchanged ones as before."""
    changed = {
        property_paths.without_indexes(each.path).split(".")[0].split("[")[0]
        for each in diff.changes(kind, old, state, inputs)
    }
    new = with_defaults(kind, inputs)
    outputs = {key: value for key, value in state.items() if key not in changed}
    outputs.update({key: new[key] for key in changed if key in new})
    outputs.update(dict.fromkeys(kind.unsettled(changed, new), UNKNOWN))
    for prop in kind.schema.computed & changed:
        outputs.setdefault(prop, UNKNOWN)
    part = {key: outputs[key] for key in changed if key in outputs}
    _open_nested(kind, part)
    return {**outputs, **part}


def _open_nested(kind: Kind, outputs: dict[str, Any]) -> None:
    for path in kind.computed:
        for owner, key in property_paths.parents(outputs, path):
            owner.setdefault(key, UNKNOWN)
