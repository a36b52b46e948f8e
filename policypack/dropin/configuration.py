"""Levels and properties of policies, as the engine configured them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format

from policypack.dropin import info

if TYPE_CHECKING:
    from pulumi.runtime.proto.analyzer_pb2 import ConfigureAnalyzerRequest
    from pulumi_policy import EnforcementLevel, Policy

_LEVELS: Final[dict[int, EnforcementLevel]] = {number: level for level, number in info.LEVELS.items()}


class Configuration:
    """What policies are called with, by name; a policy without configuration has its own level or the pack's."""

    def __init__(self, default: EnforcementLevel, given: ConfigureAnalyzerRequest | None = None) -> None:
        self._default = default
        policies = given.policyConfig if given else {}
        self._properties = {name: json_format.MessageToDict(policies[name].properties) for name in policies}
        self._levels = {name: _level(policies[name].enforcementLevel) for name in policies}

    def level(self, policy: Policy) -> EnforcementLevel:
        """The level a policy runs at."""
        configured = self._levels.get(policy.name)
        if configured is not None:
            return configured
        return self._default if policy.enforcement_level is None else policy.enforcement_level

    def properties(self, policy: Policy) -> dict[str, Any] | None:
        """The policy's configuration, copied as deep as pulumi_policy does: one level."""
        properties = self._properties.get(policy.name)
        return properties.copy() if properties else None


def _level(number: int) -> EnforcementLevel:
    if number not in _LEVELS:
        raise AssertionError(f"unknown enforcement level: {number}")
    return _LEVELS[number]
