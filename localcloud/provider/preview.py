"""What is known of a resource before AWS has made or changed it.

As with the official provider: what the program says and what Check fills is known; what AWS gives is not. Nothing may
be known here that is unknown there, or a policy that passes here could be undecided on a real account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.provider import diff, paths
from localcloud.provider.check import with_defaults
from localcloud.provider.wire import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.provider.kind import Kind


def created(kind: Kind, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a resource that is about to be made."""
    outputs = with_defaults(kind, inputs)
    for prop in [*kind.schema.computed, *kind.schema.outputs]:
        outputs.setdefault(prop, UNKNOWN)
    _open_nested(kind, outputs)
    return outputs


def updated(kind: Kind, old: Mapping[str, Any], state: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a resource that is about to be changed: as before, but for what changes."""
    changed = {paths.general(each.path).split(".")[0].split("[")[0] for each in diff.changes(kind, old, state, inputs)}
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
        for owner, key in paths.owners(outputs, path):
            owner.setdefault(key, UNKNOWN)
