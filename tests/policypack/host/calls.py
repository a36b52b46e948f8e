"""Requests as the engine sends them, for analyzers that are called in this process."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pulumi.runtime.proto import analyzer_pb2

from policypack.host.merge import encode
from policypack.model.signatures import SECRET, SIGNATURE

if TYPE_CHECKING:
    import grpc
    from google.protobuf import struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def hidden(value: Any) -> dict[str, Any]:
    """A value that the program marked as secret, as it travels."""
    return {SIGNATURE: SECRET, "value": value}


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    """Properties as they travel."""
    return encode(properties).struct_value


def urn(type_: str, name: str) -> str:
    """The URN of a resource of the stack `test` of project `test`."""
    return f"urn:pulumi:test::test::{type_}::{name}"


def analyze(type_: str, called: str = "it", /, **properties: Any) -> analyzer_pb2.AnalyzeRequest:
    """The registration of one resource."""
    return analyzer_pb2.AnalyzeRequest(type=type_, name=called, urn=urn(type_, called), properties=struct(properties))


def stack(*registered: analyzer_pb2.AnalyzeRequest, **links: dict[str, list[str]]) -> analyzer_pb2.AnalyzeStackRequest:
    """The whole stack; `links` maps a resource's name to its property dependencies (property: URNs)."""
    resources = []
    for each in registered:
        resource = analyzer_pb2.AnalyzerResource(
            type=each.type, name=each.name, urn=each.urn, properties=each.properties
        )
        for key, urns in links.get(each.name, {}).items():
            resource.propertyDependencies[key].urns.extend(urns)
        resources.append(resource)
    return analyzer_pb2.AnalyzeStackRequest(resources=resources)


def begin(*, preview: bool = True, **config: str) -> analyzer_pb2.AnalyzerStackConfigureRequest:
    """The beginning of a run; `waivers=TEXT` is the stack's configuration `policypack:waivers`."""
    given = {f"policypack:{key}": value for key, value in config.items()}
    return analyzer_pb2.AnalyzerStackConfigureRequest(
        organization="org", project="test", stack="test", dry_run=preview, config=given
    )


def configure(**rules: tuple[int, dict[str, Any]]) -> analyzer_pb2.ConfigureAnalyzerRequest:
    """Levels (0 advisory, 1 mandatory, 2 disabled, 3 remediate) and options; `_` in a name stands for `-`."""
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for name, (level, options) in rules.items():
        config = request.policyConfig[name.replace("_", "-")]
        config.enforcementLevel = level  # type: ignore[assignment] # generated enums are ints
        config.properties.CopyFrom(struct(options))
    return request


class Aborted(Exception):  # noqa: N818 - what gRPC does, not an error of ours
    """The call was ended with a status and a message."""


class Context:
    """The part of a gRPC context that an analyzer uses."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        """End the call as gRPC does: by an exception."""
        raise Aborted(f"{code.name}: {details}")


CONTEXT: Any = Context()
TODAY = dt.date(2026, 11, 24)


def messages(response: analyzer_pb2.AnalyzeResponse) -> list[str]:
    """What the engine shows: level, rule and text of each diagnostic."""
    levels = {0: "advisory", 1: "mandatory", 2: "disabled", 3: "remediate"}
    return [f"{levels[each.enforcementLevel]} {each.policyName}: {each.message}" for each in response.diagnostics]
