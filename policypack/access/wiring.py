"""What a workload is wired to: what its settings name, what feeds it, and the keys of all that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.model import (
    ALIAS,
    BUCKET_ENCRYPTION,
    BUCKET_ENCRYPTION_V2,
    BUCKET_NOTIFICATION,
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    EVENT_RULE,
    EVENT_SOURCE_MAPPING,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_EVENT_INVOKE_CONFIG,
    FUNCTION_URL,
    HTTP_API_INTEGRATION,
    KEY,
    KEY_ALIAS,
    LOG_GROUP,
    LOG_SUBSCRIPTION_FILTER,
    PERMISSION,
    PIPE,
    REST_API_INTEGRATION,
    SCHEDULE,
    SECRET,
    SECRET_VERSION,
    SSM_PARAMETER,
    TOPIC_SUBSCRIPTION,
    Archive,
    Asset,
    Reference,
    is_unknown,
)
from policypack.model.links import identifiers_of
from policypack.model.services import ARN_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack


TARGET_PROPERTIES: Final[dict[str, tuple[str, ...]]] = {
    EVENT_SOURCE_MAPPING: ("functionName",),
    FUNCTION_EVENT_INVOKE_CONFIG: ("functionName",),
    ALIAS: ("functionName",),
    PERMISSION: ("function",),
    FUNCTION_URL: ("functionName",),
    REST_API_INTEGRATION: ("uri",),
    HTTP_API_INTEGRATION: ("integrationUri",),
    LOG_SUBSCRIPTION_FILTER: ("destinationArn",),
    BUCKET_NOTIFICATION: ("lambdaFunctions", "queues", "topics"),
    BUCKET_ENCRYPTION: ("bucket",),
    BUCKET_ENCRYPTION_V2: ("bucket",),
    TOPIC_SUBSCRIPTION: ("endpoint",),
    EVENT_TARGET: ("arn",),
    PIPE: ("target", "enrichment"),
    SCHEDULE: ("target",),
    ENDPOINT_CONFIGURATION: ("productionVariants", "shadowProductionVariants"),
    ENDPOINT: ("endpointConfigName",),
    LOG_GROUP: ("name",),
}
"""Resources that lead to others: to what these properties name, from everything else that they name, themselves
included. A bucket's notification leads from the bucket to a queue; a log group to the function in its name."""

_THROUGH: Final = frozenset(
    (
        *(SSM_PARAMETER, SECRET_VERSION, KEY_ALIAS, ALIAS),
        *(EVENT_RULE, SECRET, ENDPOINT_CONFIGURATION),
        *(EVENT_SOURCE_MAPPING, FUNCTION_EVENT_INVOKE_CONFIG, TOPIC_SUBSCRIPTION, EVENT_TARGET, PIPE, SCHEDULE),
    )
)
"""Resources that only stand for what they name."""

_SETTINGS: Final = frozenset(
    (
        *("environment", "primaryContainer", "containers", "definition", "containerDefinitions"),
        *("source", "target", "targetParameters", "enrichment", "input"),
    )
)
"""The properties that tell a workload what to work with."""

_MANY: Final = 32
"""A name that more resources have than this tells none of them from the others."""

_NOT_WIRING: Final = frozenset(("role", "roleArn", "executionRoleArn", "tags", "tagsAll", "description", "policy"))
_TOKENS: Final = r"[\w.-]+"  # compiled when first used: the import of a pack is paid by every run
_PATHS: Final = r"[\w./-]*/[\w./-]*"


class WorkloadConnections(msgspec.Struct, frozen=True, eq=False):
    """What a workload is wired to: resources by URN, and all that its settings say.

    `own`: those that it names itself, or depends on. `told`: those that it is to work with, or that event source
    mappings read for it. `open`: a setting that is not known, and may name anything.
    """

    urns: frozenset[str]
    direct: frozenset[str]
    configured: frozenset[str]
    texts: tuple[str, ...]
    unknown_setting: str


class Wiring:
    """Who is wired to whom in a stack. Asked for as `stack.cached(Wiring)`; each resource is read once."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._by_name: dict[str, list[str]] = {}
        self._wired: dict[str, WorkloadConnections] = {}
        self._behind: dict[str, tuple[str, ...]] = {}
        self._leading: dict[str, list[tuple[Resource, frozenset[str]]]] = {}
        for resource in stack.resources:
            if resource.type in ARN_FORMATS or resource.type in _THROUGH:
                for name in _names(resource):
                    self._by_name.setdefault(name, []).append(resource.urn)
        for link in stack.of_type(*TARGET_PROPERTIES):
            ends, to = TARGET_PROPERTIES[link.type], set()
            for path in ends:
                to |= self._named(link, {path: link.get(path)})
            rest = self._named(link, {key: value for key, value in link.value.items() if key not in ends})
            for urn in to:
                self._leading.setdefault(urn, []).append((link, frozenset({link.urn, *rest})))

    def resources_targeting(self, workload: Resource, *types: str) -> tuple[Resource, ...]:
        """The resources of these types that hand something to a workload."""
        return tuple(link for link, _ in self._leading.get(workload.urn, ()) if link.type in types)

    def connections_of(self, workload: Resource) -> WorkloadConnections:
        """What one workload is wired to."""
        if (known := self._wired.get(workload.urn)) is None:
            known = self._wired[workload.urn] = self._follow(workload)
        return known

    def _follow(self, workload: Resource) -> WorkloadConnections:
        own = frozenset(self._named(workload, workload.value) | set(workload.dependencies))
        texts = list(texts_in(_settings(workload.value)))
        for link, _ in self._leading.get(workload.urn, ()):
            texts.extend(texts_in(_settings(link.value)))
        found: set[str] = set()
        waiting = [workload.urn, *own]
        while waiting:
            urn = waiting.pop()
            if urn in found:
                continue
            found.add(urn)
            if urn == workload.urn or _type_in(urn) != FUNCTION:  # what feeds a function that it calls is not its own
                waiting.extend(urn for _, sources in self._leading.get(urn, ()) for urn in sources)
            if urn != workload.urn:
                waiting.extend(self._beside(urn))
        told = self._named(workload, {key: value for key, value in workload.value.items() if key in _SETTINGS})
        for link, _ in self._leading.get(workload.urn, ()):
            if link.type == EVENT_SOURCE_MAPPING:
                told |= self._named(link, {"eventSourceArn": link.get("eventSourceArn")})
        return WorkloadConnections(frozenset(found), own, frozenset(told), tuple(texts), _open(workload))

    def _beside(self, urn: str) -> tuple[str, ...]:
        """What stands behind a resource: all that it names where it only stands for that, else its keys."""
        if (known := self._behind.get(urn)) is None:
            resource = self._stack.by_urn.get(urn)
            found: set[str] = set()
            if resource is not None and (resource.type in _THROUGH or resource.type in ARN_FORMATS):
                found = self._named(resource, resource.value)
            if resource is not None and resource.type not in _THROUGH:
                found = {other for other in found if _type_in(other) in {KEY, KEY_ALIAS}}
            known = self._behind[urn] = tuple(found)
        return known

    def _named(self, resource: Resource, values: dict[str, Any]) -> set[str]:
        """The resources that some properties name, or are made from."""
        settings = _settings(values)
        found = {urn for key in settings for urn in resource.dependencies_of(key)}
        for text in texts_in(settings):
            for token in (text, *re.findall(_TOKENS, text), *re.findall(_PATHS, text)):
                named = self._by_name.get(token, ())
                if len(named) <= _MANY:
                    found.update(named)
        found.discard(resource.urn)
        return found


def _names(resource: Resource) -> Iterator[str]:
    """What a resource may be named by: not a function's alias by its own name, which every function may have."""
    bucket = resource.get("bucket") if ":s3/" in resource.urn else None
    if isinstance(bucket, str):
        yield str.__str__(bucket)
    yield from (name for name in set(identifiers_of(resource)) if resource.type != ALIAS or ":" in name)


def _settings(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in _NOT_WIRING}


def texts_in(value: object) -> Iterator[str]:
    """Every text in a property, however deep."""
    if isinstance(value, str):
        yield str.__str__(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, Archive | Asset):
        return
    elif isinstance(value, Reference):
        yield value.urn


def _open(workload: Resource) -> str:
    """A setting that is not known, and that no resource of the program goes into: it may name anything."""
    for key, value in workload.value.items():
        if key not in _SETTINGS or workload.dependencies_of(key):
            continue
        for unknown in _unknown(value):
            return unknown or key
    return ""


def _unknown(value: object) -> Iterator[str]:
    if is_unknown(value):
        yield getattr(value, "path", "")
    elif isinstance(value, dict):
        for item in value.values():
            yield from _unknown(item)
    elif isinstance(value, list):
        for item in value:
            yield from _unknown(item)


def _type_in(urn: str) -> str:
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""  # noqa: PLR2004 - stack, project, types, name
