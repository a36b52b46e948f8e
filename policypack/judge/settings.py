"""The pack's configuration: a level and options for each rule, and the organization's waivers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from policypack.judge import options_schema
from policypack.own_policies import OWN_POLICIES, WAIVERS
from policypack.rule import Level
from policypack.text import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.rule import Options
    from policypack.rule_pack import Pack


class Configured(msgspec.Struct, frozen=True):
    """What a configuration says about one rule. `level` is a number where it is none of the levels known here."""

    level: Level | int
    properties: dict[str, Any] = {}


class ConfigurationError(Exception):
    """The configuration cannot be used: which entry, what is wrong with it, and what was meant."""


class Settings:
    """Level and options of every rule, as configured."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self.levels: dict[str, Level] = {rule.id: rule.level for rule in pack.rules}
        self.levels.update({own.id: own.level for own in OWN_POLICIES})
        self.options: dict[str, Options] = {rule.id: rule.options() for rule in pack.rules if rule.options}
        self.waivers: list[Any] = []
        self.no_waivers: list[str] = []

    def configure(self, given: Mapping[str, Configured]) -> None:
        """Take a configuration, by rule id. Raises ConfigurationError with one line for each fault."""
        faults = [fault for name, config in given.items() for fault in self._take(name, config)]
        if faults:
            raise ConfigurationError("policy configuration: " + "; ".join(faults))

    def _take(self, name: str, config: Configured) -> list[str]:
        if name == "all":
            return []
        if name not in self.levels:
            return [f"no rule is called {name}{nearest(name, self.levels)}"]
        if not isinstance(config.level, Level):
            return [f"{name} has a level that this version does not know: {config.level}"]
        self.levels[name], properties = config.level, dict(config.properties)
        if name == WAIVERS.id:
            return self._take_waivers(properties)
        rule = self._pack.rule(name) if name in self._pack else None
        if not properties:
            return []
        if rule is None or rule.options is None:
            return [f"{name} has no options, yet {next(iter(properties))} is set"]
        known = options_schema.properties(rule.options)
        if unknown := [key for key in properties if key not in known]:
            return [f"{name} has no option {unknown[0]}{nearest(unknown[0], known)}"]
        if odd := [key for key, value in properties.items() if isinstance(value, float) and not math.isfinite(value)]:
            return [f"{name}: {odd[0]} is not a finite number"]
        try:
            self.options[name] = msgspec.convert(properties, rule.options)
        except msgspec.ValidationError as error:
            return [f"{name}: {error}"]
        return []

    def _take_waivers(self, properties: dict[str, Any]) -> list[str]:
        waivers, forbidden = properties.pop("waivers", None) or [], properties.pop("noWaivers", None) or []
        if properties:
            key = next(iter(properties))
            return [f"{WAIVERS.id} has no option {key}{nearest(key, WAIVERS.config_schema)}"]
        if not isinstance(waivers, list) or not isinstance(forbidden, list):
            return [f"{WAIVERS.id}: waivers and noWaivers are lists"]
        for name in forbidden:
            if name not in self._pack:
                return [f"{WAIVERS.id}: noWaivers names no rule: {name}{nearest(str(name), self.levels)}"]
        self.waivers, self.no_waivers = waivers, forbidden
        return []
