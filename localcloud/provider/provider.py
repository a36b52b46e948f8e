"""The provider: the methods of Pulumi's protocol, implemented with check, preview, diff and lifecycle."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from localcloud.provider import (
    check,
    diff,
    invokes,
    lifecycle,
    package,
    preview,
    property_paths,
    registry,
    version,
    wire,
)
from localcloud.provider.configuration import Configuration
from localcloud.provider.loopback import ForeignEndpointError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.provider.resource_kind import Kind

KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def _names(urn: str) -> tuple[str, str]:
    """Return type token and logical name in a URN."""
    parts = urn.split("::", 3)
    return parts[2].split("$")[-1], parts[3]


def _kind(request: Any) -> Kind:
    return registry.kind(_names(request.urn)[0])


class Provider:
    """One provider of one engine run. Methods take the protocol's requests and return its responses."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self.environ = environ
        self.configuration = Configuration({}, environ)

    def handshake(self, _: Any) -> Any:
        """Return the supported features."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    def plugin_info(self, _: Any) -> Any:
        """Return the version of the official provider that this one replaces."""
        return plugin_pb2.PluginInfo(version=version())

    def get_schema(self, _: Any) -> Any:
        """Return the package schema."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps(package.schema()))

    def get_mapping(self, _: Any) -> Any:
        """There are no mappings for converters."""
        return provider_pb2.GetMappingResponse()

    def get_mappings(self, _: Any) -> Any:
        """There are no mappings for converters."""
        return provider_pb2.GetMappingsResponse()

    def check_config(self, request: Any) -> Any:
        """Reject endpoints that are not on this machine."""
        settings, secrets = wire.decode(request.news)
        failures = []
        try:
            _ = Configuration(settings, self.environ).cloud
        except ForeignEndpointError as error:
            failures.append(provider_pb2.CheckFailure(property="endpoints", reason=str(error)))
        return provider_pb2.CheckResponse(inputs=wire.encode(settings, secrets), failures=failures)

    def diff_config(self, request: Any) -> Any:
        """Compare settings; none of them forces replacements."""
        old, new = (
            wire.decode(request.old_inputs)[0] or wire.decode(request.olds)[0],
            wire.decode(request.news)[0],
        )
        changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        return _diff_response(changed, [], {})

    def configure(self, request: Any) -> Any:
        """Store the settings. Rejects endpoints that are not on this machine."""
        settings = wire.decode(request.args)[0]
        if not settings:
            settings = {key.split(":")[-1]: value for key, value in request.variables.items()}
        self.configuration = Configuration(settings, self.environ)
        _ = self.configuration.cloud
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    def invoke(self, request: Any) -> Any:
        """Call a function of the aws package."""
        arguments, secrets = wire.decode(request.args)
        result = invokes.answer(request.tok, arguments, self.configuration.cloud)
        marks: dict[str, wire.Secrets] = dict.fromkeys(result, True) if secrets else {}
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(wire.encode(result, marks))
        return response

    def check(self, request: Any) -> Any:
        """Validate inputs, and fill in names and defaults."""
        token, logical = _names(request.urn)
        olds, (news, secrets) = wire.decode(request.olds)[0], wire.decode(request.news)
        try:
            kind = registry.kind(token)
        except registry.UnsupportedTypeError as error:
            failure = provider_pb2.CheckFailure(property="", reason=str(error))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        around = check.CheckContext(
            logical=logical,
            seed=request.randomSeed,
            region=self.configuration.cloud.region,
            tags=self.configuration.cloud.default_tags,
            proposed=request.autonaming.proposed_name if request.HasField("autonaming") else "",
        )
        inputs, failures = check.check(kind, olds, news, around)
        return provider_pb2.CheckResponse(
            inputs=wire.encode(inputs, _with_tags(secrets)),
            failures=[provider_pb2.CheckFailure(property=each.path, reason=each.reason) for each in failures],
        )

    def diff(self, request: Any) -> Any:
        """Return the changes and which of them force a replacement."""
        kind = _kind(request)
        state, news = wire.decode(request.olds)[0], wire.decode(request.news)[0]
        old = wire.decode(request.old_inputs)[0] or {k: v for k, v in state.items() if k in kind.schema.inputs.types}
        ignored = frozenset(property_paths.without_indexes(path) for path in request.ignoreChanges)
        changes = [
            each for each in diff.changes(kind, old, state, news) if not property_paths.is_covered(ignored, each.path)
        ]
        detailed = {
            each.path: provider_pb2.PropertyDiff(kind=KINDS[each.what, each.replaces], inputDiff=True)
            for each in changes
        }
        first = any(each.replaces for each in changes) and diff.must_delete_first(kind, old, news)
        return _diff_response(
            [_top(each.path) for each in changes],
            [_top(each.path) for each in changes if each.replaces],
            detailed,
            delete_first=first,
        )

    def create(self, request: Any) -> Any:
        """Create a resource, or in a preview return its known outputs."""
        kind = _kind(request)
        inputs, secrets = wire.decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=wire.encode(preview.created(kind, inputs), secrets))
        made = lifecycle.create(kind, self.configuration.cloud, inputs, secrets)
        return provider_pb2.CreateResponse(id=made.id, properties=wire.encode(made.outputs, secrets))

    def read(self, request: Any) -> Any:
        """Read a resource for a refresh or an import; a missing one has no id in the response."""
        state, marks = wire.decode(request.properties)
        inputs, secrets = wire.decode(request.inputs)
        found = lifecycle.read(_kind(request), self.configuration.cloud, request.id, state, inputs)
        if found is None:
            return provider_pb2.ReadResponse()
        both = {**marks, **secrets}
        return provider_pb2.ReadResponse(
            id=found.id,
            properties=wire.encode(found.outputs, both),
            inputs=wire.encode(found.inputs, both),
        )

    def update(self, request: Any) -> Any:
        """Update a resource, or in a preview return its known outputs."""
        kind = _kind(request)
        state, (news, secrets) = wire.decode(request.olds)[0], wire.decode(request.news)
        old = wire.decode(request.old_inputs)[0]
        if request.preview:
            outputs = preview.updated(kind, old, state, news)
        else:
            before = lifecycle.Resource(request.id, state, old)
            outputs = lifecycle.update(kind, self.configuration.cloud, before, news)
        return provider_pb2.UpdateResponse(properties=wire.encode(outputs, secrets))

    def delete(self, request: Any) -> Any:
        """Delete a resource."""
        state, old = wire.decode(request.properties)[0], wire.decode(request.old_inputs)[0]
        lifecycle.delete(_kind(request), self.configuration.cloud, request.id, state, old)
        return empty_pb2.Empty()

    def cancel(self, _: Any) -> Any:
        """Let running calls finish; each of them is bounded."""
        return empty_pb2.Empty()


def _with_tags(secrets: dict[str, wire.Secrets]) -> dict[str, wire.Secrets]:
    return {**secrets, "tagsAll": secrets["tags"]} if "tags" in secrets else secrets


def _top(path: str) -> str:
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]


def _diff_response(
    changed: list[str], replaces: list[str], detailed: dict[str, Any], *, delete_first: bool = False
) -> Any:
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=sorted(set(changed)),
        replaces=sorted(set(replaces)),
        deleteBeforeReplace=delete_first,
        detailedDiff=detailed,
        hasDetailedDiff=bool(detailed),
    )
