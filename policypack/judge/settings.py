"""The pack's configuration: a level and options for each rule, and the organisation's waivers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.host.wire import decode
from policypack.judge import options_schema as schema
from policypack.rule import Level, Options, Severity
from policypack.words import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.runtime.proto import analyzer_pb2

    from policypack.pack import Pack

WIRE_LEVELS: Final = {0: Level.ADVISORY, 1: Level.MANDATORY, 2: Level.DISABLED, 3: Level.REMEDIATE}
LEVELS_ON_WIRE: Final = {level: number for number, level in WIRE_LEVELS.items()}


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something the host itself reports, with a level like a rule's."""

    id: str
    why: str
    severity: Severity = Severity.LOW
    level: Level = Level.ADVISORY
    config_schema: dict[str, Any] = {}


WAIVERS: Final = Notice(
    id="waivers-are-in-force",
    why="A waiver that is expired, unused, malformed or forbidden hides what the team believes it has answered for.",
    severity=Severity.MEDIUM,
    config_schema={
        "waivers": {"type": "array", "items": {"type": "object"}, "default": []},
        "noWaivers": {"type": "array", "items": {"type": "string"}, "default": []},
    },
)
KNOWN: Final = Notice(
    id="values-are-known",
    why="A rule that waits for a value the deployment brings is judged again before the resource is created.",
)
REPORT: Final = Notice(
    id="report-is-written",
    why="Whoever asked for a report relies on finding it.",
)
NOTICES: Final = (WAIVERS, KNOWN, REPORT)


class ConfigurationError(Exception):
    """The configuration cannot be used: which entry, what is wrong with it, and what was meant."""


class Settings:
    """Level and options of every rule, as configured."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self.levels: dict[str, Level] = {rule.id: rule.level for rule in pack.rules}
        self.levels.update({notice.id: notice.level for notice in NOTICES})
        self.options: dict[str, Options] = {rule.id: rule.options() for rule in pack.rules if rule.options}
        self.waivers: list[Any] = []
        self.no_waivers: list[str] = []

    def configure(self, given: Mapping[str, analyzer_pb2.PolicyConfig]) -> None:
        """Take what the engine sends. Raises ConfigurationError with one line for each fault."""
        faults = [fault for name, config in given.items() for fault in self._take(name, config)]
        if faults:
            raise ConfigurationError("policy configuration: " + "; ".join(faults))

    def _take(self, name: str, config: analyzer_pb2.PolicyConfig) -> list[str]:
        if name == "all":
            return []
        if name not in self.levels:
            return [f"no rule is called {name}{nearest(name, self.levels)}"]
        if config.enforcementLevel not in WIRE_LEVELS:
            return [f"{name} has a level that this version does not know: {config.enforcementLevel}"]
        self.levels[name] = WIRE_LEVELS[config.enforcementLevel]
        properties = decode(config.properties)
        if name == WAIVERS.id:
            return self._take_waivers(properties)
        rule = self._pack.rule(name) if name in self._pack else None
        if not properties:
            return []
        if rule is None or rule.options is None:
            return [f"{name} has no options, yet {next(iter(properties))} is set"]
        known = schema.properties(rule.options)
        if unknown := [key for key in properties if key not in known]:
            return [f"{name} has no option {unknown[0]}{nearest(unknown[0], known)}"]
        if odd := [key for key, value in properties.items() if isinstance(value, float) and not math.isfinite(value)]:
            return [f"{name}: {odd[0]} is not a number that can be compared"]
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
