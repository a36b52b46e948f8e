"""Remediations: one resource, changed by one policy after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct, Value
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.secret import secrets_preserving_proxy

from policypack.dropin.running import finished
from policypack.dropin.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.runtime.proto.analyzer_pb2 import AnalyzeRequest
    from pulumi_policy import ResourceValidationPolicy

_Secrets: Any = type(secrets_preserving_proxy({}))


class Remediation:
    """A resource on its way through the remediations, which see each other's changes to everything they are given."""

    def __init__(self, request: AnalyzeRequest, tags: Mapping[str, str]) -> None:
        self._subject = Subject(request)
        self._props = _decode(request.properties)
        self._options = self._subject.options()
        self._provider = self._subject.provider()
        self._tags = tags

    def run(self, policy: ResourceValidationPolicy, config: Mapping[str, Any] | None) -> Struct | None:
        """Run one remediation: the resource's new properties, if it returned any."""
        arguments = self._subject.arguments_with(self._props, self._options, self._provider, config, self._tags)
        returned = finished(policy.remediate(arguments))
        if not returned:
            return None
        self._props = returned
        properties = Struct()
        for key, value in serialize_properties(returned).items():
            properties[key] = value
        return properties


class _Readable(_Secrets):  # type: ignore[misc] # its class is only known when it runs
    """Properties of which some cannot be decoded: those raise when they are read, and go back as they came."""

    def __init__(self, values: dict[str, Any], faults: dict[str, Exception]) -> None:
        super().__init__(values)
        self._faults = faults

    def __getitem__(self, key: Any) -> Any:
        if key in self._faults:
            raise self._faults[key]
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._faults.pop(key, None)
        super().__setitem__(key, value)


def _decode(properties: Struct) -> Any:
    """The properties as pulumi_policy shows them to remediations: secrets kept, unknowns as text."""
    try:
        return _decoded(properties)
    except Exception:  # noqa: BLE001 - whatever pulumi_policy raises for an output, a resource reference, a NaN
        return _readable(properties)


def _readable(properties: Struct) -> _Readable:
    values: dict[str, Any] = {}
    faults: dict[str, Exception] = {}
    for key, value in properties.fields.items():
        try:
            values[key] = _decoded(Struct(fields={key: value}))["__target"][key]
        except Exception as error:  # noqa: BLE001 - the same
            values[key], faults[key] = _plain(value), error
    return _Readable(values, faults)


def _decoded(properties: Struct) -> Any:
    return deserialize_properties(json_format.MessageToDict(properties), proxy_secrets=True)


def _plain(value: Value) -> Any:
    """The wire's own value, which the engine takes back as it is."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {key: _plain(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)
