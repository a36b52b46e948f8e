"""What a request says, read once, and handed to every policy as objects of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
)

from policypack.dropin.nodes import Struct
from policypack.dropin.views import DictView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pulumi.runtime.proto.analyzer_pb2 import (
        AnalyzeRequest,
        AnalyzerProviderResource,
        AnalyzerResource,
        AnalyzerResourceOptions,
    )


class Subject:
    """One resource of a request."""

    def __init__(self, given: AnalyzeRequest | AnalyzerResource) -> None:
        self._identity = given.type, given.urn, given.name
        self._props = Struct(given.properties.fields)
        self._options = _Options(given.options)
        self._provider = _Provider(given.provider) if given.HasField("provider") else None

    def arguments(self, config: Mapping[str, Any] | None, tags: Mapping[str, str]) -> ResourceValidationArgs:
        """What a resource policy is called with."""
        return self.arguments_with(DictView(self._props), self.options(), self.provider(), config, tags)

    def arguments_with(
        self,
        props: Mapping[str, Any],
        options: PolicyResourceOptions,
        provider: PolicyProviderResource | None,
        config: Mapping[str, Any] | None,
        tags: Mapping[str, str],
    ) -> ResourceValidationArgs:
        """What a remediation is called with: the objects that the one before it was called with, changes and all."""
        type_, urn, name = self._identity
        return ResourceValidationArgs(type_, props, urn, name, options, provider, config, tags)

    def options(self) -> PolicyResourceOptions:
        """The resource's options; the lists in them are the request's own, as pulumi_policy gives them."""
        return self._options.make()

    def provider(self) -> PolicyProviderResource | None:
        """The resource's provider."""
        return self._provider.make() if self._provider else None

    def resource(self) -> PolicyResource:
        """One of the stack's resources, not yet linked to the others."""
        type_, urn, name = self._identity
        return PolicyResource(type_, DictView(self._props), urn, name, self.options(), self.provider(), None, [], {})


class _Options:
    def __init__(self, given: AnalyzerResourceOptions) -> None:
        self._protect, self._parent = given.protect, given.parent or None
        self._before_replace = given.deleteBeforeReplace if given.deleteBeforeReplaceDefined else None
        lists: tuple[Any, Any, Any] = given.ignoreChanges, given.aliases, given.additionalSecretOutputs
        self._ignored, self._aliases, self._secret_outputs = lists  # protobuf's containers, where lists are declared
        limit = given.customTimeouts
        self._timeouts = (limit.create, limit.update, limit.delete) if given.HasField("customTimeouts") else (0, 0, 0)

    def make(self) -> PolicyResourceOptions:
        timeouts = PolicyCustomTimeouts(*self._timeouts)
        return PolicyResourceOptions(
            self._protect,
            self._ignored,
            self._before_replace,
            self._aliases,
            timeouts,
            self._secret_outputs,
            self._parent,
        )


class _Provider:
    def __init__(self, given: AnalyzerProviderResource) -> None:
        self._type, self._urn, self._name = given.type, given.urn, given.name
        self._props = Struct(given.properties.fields)

    def make(self) -> PolicyProviderResource:
        return PolicyProviderResource(self._type, DictView(self._props), self._urn, self._name)


class StackSubjects:
    """The resources of a stack, and which of them each resource refers to."""

    def __init__(self, given: Sequence[AnalyzerResource]) -> None:
        self._subjects = [Subject(resource) for resource in given]
        self._index = {resource.urn: index for index, resource in enumerate(given)}
        self._parents = [self._index.get(resource.parent) for resource in given]
        self._dependencies = [self._known(resource.dependencies) for resource in given]
        self._property_dependencies = [
            {key: self._known(value.urns) for key, value in resource.propertyDependencies.items()} for resource in given
        ]

    def resources(self) -> list[PolicyResource]:
        """The stack as one policy sees it: linked objects that no other policy holds."""
        made = [subject.resource() for subject in self._subjects]
        for index, resource in enumerate(made):
            parent = self._parents[index]
            if parent is not None:
                resource.parent = made[parent]
            resource.dependencies.extend(made[other] for other in self._dependencies[index])
            for key, others in self._property_dependencies[index].items():
                resource.property_dependencies[key] = [made[other] for other in others]
        return made

    def _known(self, urns: Iterable[str]) -> list[int]:
        return [self._index[urn] for urn in urns if urn in self._index]
