"""Create, read, update and delete, independent of the resource type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localcloud.provider import aws_clients as clouds
from localcloud.provider import diff
from localcloud.provider.check import with_defaults
from localcloud.provider.comparison import at, corrected_inputs, equivalent, merged_with_actual
from localcloud.provider.resource_kind import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.provider.aws_clients import Cloud
    from localcloud.provider.resource_kind import Kind
    from localcloud.provider.wire import Secrets


@dataclass(frozen=True)
class Resource:
    """A resource: its id, its outputs, and the inputs that would create it."""

    id: str
    outputs: dict[str, Any]
    inputs: dict[str, Any]
    secrets: Mapping[str, Secrets] = field(default_factory=dict)


class PartialCreationError(Exception):
    """The resource exists, but its creation was not completed. The engine keeps it in the state."""

    def __init__(self, resource: Resource, reason: str) -> None:
        super().__init__(reason)
        self.resource, self.reason = resource, reason


def create(kind: Kind, cloud: Cloud, inputs: Mapping[str, Any], secrets: Mapping[str, Secrets]) -> Resource:
    """Create a resource and read it back. Raises PartialCreationError if it exists but is incomplete."""
    wanted = with_defaults(kind, inputs)
    identity = kind.create(Call(cloud=cloud, inputs=wanted))
    made = Call(cloud=cloud, id=identity, inputs=wanted)
    try:
        kind.settle(made)
        return Resource(identity, _outputs(kind, made), dict(inputs))
    except Exception as error:
        half = Resource(identity, dict(wanted), dict(inputs), secrets)
        raise PartialCreationError(half, clouds.explain(error)) from error


def read(
    kind: Kind, cloud: Cloud, identity: str, state: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Resource | None:
    """Return the resource from AWS; None if it does not exist.

    Without state and inputs this is an import: the inputs are then all properties with other values than the defaults.
    """
    call = Call(cloud=cloud, id=identity, inputs=with_defaults(kind, inputs), state=state)
    seen = _seen(kind, call)
    if seen is None:
        return None
    identity = str(seen.pop("__id", identity))
    kept = {key: value for key, value in state.items() if key in kind.schema.inputs.types}
    outputs = {**kept, **seen, **_actual_inputs(kind, inputs, seen)}
    if not inputs and not state:
        return Resource(identity, outputs, _imported(kind, outputs))
    fresh = {
        key: corrected_inputs(value, seen[key], at(kind, key)) if key in seen else value
        for key, value in inputs.items()
    }
    return Resource(identity, outputs, fresh)


def update(kind: Kind, cloud: Cloud, before: Resource, news: Mapping[str, Any]) -> dict[str, Any]:
    """Update a resource and read it back; return its outputs.

    Without differences, the engine repairs a partially created resource: the completion of the creation is repeated.
    """
    wanted, old = with_defaults(kind, news), diff.known_inputs(kind, before.inputs, before.outputs)
    if diff.changes(kind, before.inputs, before.outputs, news):
        stays = {prop: old[prop] for prop in kind.schema.computed & old.keys() - wanted.keys()}
        kind.update(Call(cloud=cloud, id=before.id, inputs={**stays, **wanted}, old=old, state=before.outputs))
    else:
        kind.settle(Call(cloud=cloud, id=before.id, inputs=wanted, state=before.outputs))
    return _outputs(kind, Call(cloud=cloud, id=before.id, inputs=wanted, state=before.outputs))


def delete(kind: Kind, cloud: Cloud, identity: str, state: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """Delete a resource; a missing one is no error."""
    try:
        kind.delete(Call(cloud=cloud, id=identity, inputs=with_defaults(kind, inputs), state=state))
    except Exception as error:
        if not clouds.is_gone(error):
            raise


def _outputs(kind: Kind, call: Call) -> dict[str, Any]:
    seen = _seen(kind, call)
    if seen is None:
        raise clouds.NoLocalAwsError(f"{kind.urn_type} {call.id} is not there right after it was made or changed")
    seen.pop("__id", None)
    return {**seen, **call.inputs, **_actual_inputs(kind, call.inputs, seen)}


def _seen(kind: Kind, call: Call) -> dict[str, Any] | None:
    try:
        seen = kind.read(call)
    except Exception as error:
        if clouds.is_gone(error):
            return None
        raise
    if seen is None:
        return None
    if "tags" in seen:
        seen["tags"] = _own_tags(call, seen["tags"])
    return {key: value for key, value in seen.items() if value is not None}


def _own_tags(call: Call, tags: Mapping[str, str]) -> dict[str, str]:
    """Remove the provider's default tags, unless the program sets them itself: they are in tagsAll only."""
    said, default = call.inputs.get("tags", {}), call.cloud.default_tags
    return {key: value for key, value in tags.items() if key in said or default.get(key) != value}


def _actual_inputs(kind: Kind, inputs: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the actual values of the program's properties, written as in the program."""
    return {key: merged_with_actual(value, seen[key], at(kind, key)) for key, value in inputs.items() if key in seen}


def _imported(kind: Kind, outputs: Mapping[str, Any]) -> dict[str, Any]:
    inputs = {}
    for key in kind.schema.inputs.types:
        value, default = outputs.get(key), kind.defaults.get(key)
        needed = key in kind.schema.inputs.required and value is not None
        if needed or ((value or default) and not equivalent(default, value, at(kind, key))):
            inputs[key] = value
    for group in kind.named_conflicts:
        for each in [each for each in group if each in inputs][1:]:
            del inputs[each]
    if "tagsAll" in kind.schema.outputs:
        inputs["tagsAll"] = outputs.get("tagsAll", {})
    return inputs
