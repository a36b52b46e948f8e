"""Which resources a workload is wired to: those that its settings name, those that invoke it, and their KMS keys."""

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
    is_unknown,
)
from policypack.model.event_sources import POLLERS
from policypack.model.links import identifiers_of
from policypack.model.resource import type_in_urn
from policypack.model.services import ARN_FORMATS
from policypack.model.values import texts_in

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
"""Types that connect two resources, with the properties that name their target. Everything else that they name is a
source of the target, as they are themselves: a bucket notification connects the bucket to a queue, a log group itself
to the function in its name. From the schema of pulumi-aws 7.51.1."""

_PASS_THROUGH_TYPES: Final = frozenset(
    (
        *(SSM_PARAMETER, SECRET_VERSION, KEY_ALIAS, ALIAS),
        *(EVENT_RULE, SECRET, ENDPOINT_CONFIGURATION),
        *(EVENT_SOURCE_MAPPING, FUNCTION_EVENT_INVOKE_CONFIG, TOPIC_SUBSCRIPTION, EVENT_TARGET, PIPE, SCHEDULE),
    )
)
"""Types that only refer to other resources: whoever is wired to one is wired to all that it names."""

_RUNTIME_SETTINGS: Final = frozenset(
    (
        *("environment", "primaryContainer", "containers", "definition", "containerDefinitions"),
        *("source", "target", "targetParameters", "enrichment", "input"),
    )
)
"""The properties that name the resources which a workload uses at run time."""

_MAX_SAME_NAME: Final = 32
"""A name that more resources have is ignored: it does not tell which one is meant."""

_IGNORED_PROPERTIES: Final = frozenset(
    ("role", "roleArn", "executionRoleArn", "tags", "tagsAll", "description", "policy")
)
_TOKENS: Final = r"[\w.-]+"  # compiled when first used: the import of a pack is paid by every run
_SLASHED_TOKENS: Final = r"[\w./-]*/[\w./-]*"


class WorkloadConnections(msgspec.Struct, frozen=True, eq=False):
    """The resources that a workload is wired to, by URN.

    `urns`: all of them. `direct`: those that its own properties name, or that it depends on. `configured`: those that
    its run-time settings name, or that event source mappings poll for it. `texts`: all texts in its properties and in
    those of the resources that connect it to its sources. `unknown_setting`: the path of a run-time setting that is
    unknown, and may name any resource; empty where all are known.
    """

    urns: frozenset[str]
    direct: frozenset[str]
    configured: frozenset[str]
    texts: tuple[str, ...]
    unknown_setting: str


class Wiring:
    """The connections between the resources of a stack. Get it with `stack.cached(Wiring)`."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._by_name: dict[str, list[str]] = {}
        self._connections: dict[str, WorkloadConnections] = {}
        self._next: dict[str, tuple[str, ...]] = {}
        self._sources: dict[str, list[tuple[Resource, frozenset[str]]]] = {}
        for resource in stack.resources:
            if resource.type in ARN_FORMATS or resource.type in _PASS_THROUGH_TYPES:
                for name in _search_names(resource):
                    self._by_name.setdefault(name, []).append(resource.urn)
        for link in stack.of_type(*TARGET_PROPERTIES):
            targets_at, target_urns = TARGET_PROPERTIES[link.type], set()
            for path in targets_at:
                target_urns |= self._referenced(link, {path: link.get(path)})
            source_urns = self._referenced(
                link, {key: value for key, value in link.value.items() if key not in targets_at}
            )
            for urn in target_urns:
                self._sources.setdefault(urn, []).append((link, frozenset({link.urn, *source_urns})))

    def resources_targeting(self, workload: Resource, *types: str) -> tuple[Resource, ...]:
        """The resources of these types that have the workload as their target."""
        return tuple(link for link, _ in self._sources.get(workload.urn, ()) if link.type in types)

    def connections_of(self, workload: Resource) -> WorkloadConnections:
        """The resources that a workload is wired to."""
        if (known := self._connections.get(workload.urn)) is None:
            known = self._connections[workload.urn] = self._follow(workload)
        return known

    def _follow(self, workload: Resource) -> WorkloadConnections:
        direct = frozenset(self._referenced(workload, workload.value) | set(workload.dependencies))
        texts = list(texts_in(_considered_properties(workload.value)))
        for link, _ in self._sources.get(workload.urn, ()):
            texts.extend(texts_in(_considered_properties(link.value)))
        found: set[str] = set()
        to_visit = [workload.urn, *direct]
        while to_visit:
            urn = to_visit.pop()
            if urn in found:
                continue
            found.add(urn)
            if (
                urn == workload.urn or type_in_urn(urn) != FUNCTION
            ):  # the sources of a function that it invokes are not its own
                to_visit.extend(urn for _, sources in self._sources.get(urn, ()) for urn in sources)
            if urn != workload.urn:
                to_visit.extend(self._resources_behind(urn))
        configured = self._referenced(
            workload, {key: value for key, value in workload.value.items() if key in _RUNTIME_SETTINGS}
        )
        for link, _ in self._sources.get(workload.urn, ()):
            if link.type == EVENT_SOURCE_MAPPING:
                path = POLLERS[EVENT_SOURCE_MAPPING]
                configured |= self._referenced(link, {path: link.get(path)})
        return WorkloadConnections(
            frozenset(found), direct, frozenset(configured), tuple(texts), _unknown_setting(workload)
        )

    def _resources_behind(self, urn: str) -> tuple[str, ...]:
        """The URNs that a resource leads on to: all that it names for a pass-through type, else only its KMS keys."""
        if (known := self._next.get(urn)) is None:
            resource = self._stack.by_urn.get(urn)
            found: set[str] = set()
            if resource is not None and (resource.type in _PASS_THROUGH_TYPES or resource.type in ARN_FORMATS):
                found = self._referenced(resource, resource.value)
            if resource is not None and resource.type not in _PASS_THROUGH_TYPES:
                found = {other for other in found if type_in_urn(other) in {KEY, KEY_ALIAS}}
            known = self._next[urn] = tuple(found)
        return known

    def _referenced(self, resource: Resource, values: dict[str, Any]) -> set[str]:
        """The URNs of the resources that these properties name or depend on."""
        settings = _considered_properties(values)
        found = {urn for key in settings for urn in resource.dependencies_of(key)}
        for text in texts_in(settings):
            for token in (text, *re.findall(_TOKENS, text), *re.findall(_SLASHED_TOKENS, text)):
                named = self._by_name.get(token, ())
                if len(named) <= _MAX_SAME_NAME:
                    found.update(named)
        found.discard(resource.urn)
        return found


def _search_names(resource: Resource) -> Iterator[str]:
    """The names by which other resources may refer to one. The alias of a function needs more than its own name."""
    bucket = resource.get("bucket") if ":s3/" in resource.urn else None
    if isinstance(bucket, str):
        yield str.__str__(bucket)
    yield from (name for name in set(identifiers_of(resource)) if resource.type != ALIAS or ":" in name)


def _considered_properties(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in _IGNORED_PROPERTIES}


def _unknown_setting(workload: Resource) -> str:
    """The path of a run-time setting that is unknown and depends on no resource of the program, so may name any."""
    for key, value in workload.value.items():
        if key not in _RUNTIME_SETTINGS or workload.dependencies_of(key):
            continue
        for unknown in _unknown_paths(value):
            return unknown or key
    return ""


def _unknown_paths(value: object) -> Iterator[str]:
    if is_unknown(value):
        yield getattr(value, "path", "")
    elif isinstance(value, dict):
        for item in value.values():
            yield from _unknown_paths(item)
    elif isinstance(value, list):
        for item in value:
            yield from _unknown_paths(item)
