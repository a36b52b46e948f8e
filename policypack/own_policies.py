"""The policies of the host's own: what it reports beside the rules of a pack, each with a level like a rule's."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from policypack.rule import Level, Severity


class OwnPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the host itself reports. `config_schema` holds the JSON schema of each of its options, by name."""

    id: str
    why: str
    fix: str
    severity: Severity = Severity.LOW
    level: Level = Level.ADVISORY
    config_schema: dict[str, Any] = {}
    terms: tuple[str, ...] = ()


WAIVERS: Final = OwnPolicy(
    id="waivers-are-in-force",
    why="A waiver that is expired, unused, malformed or forbidden does not cover the finding that it was written for. "
    "The options of this policy also hold the waivers of an organization (`waivers`) and the rules that no stack may "
    "waive (`noWaivers`).",
    fix="Fix the finding and remove the waiver, or renew it with a new date in `expires`.",
    severity=Severity.MEDIUM,
    config_schema={
        "waivers": {"type": "array", "items": {"type": "object"}, "default": []},
        "noWaivers": {"type": "array", "items": {"type": "string"}, "default": []},
    },
    terms=("exception", "suppression", "skip", "ignore", "exemption"),
)
KNOWN: Final = OwnPolicy(
    id="values-are-known",
    why="A rule that depends on a value which only the deployment provides is undecided in a preview, and is judged "
    "again before the resource is created. An undecided rule never blocks.",
    fix="Nothing to change: run the deployment, or build the value from names that are known in a preview.",
    terms=("undecided", "unknown", "computed", "preview"),
)
REPORT: Final = OwnPolicy(
    id="report-is-written",
    why="A report that was requested with POLICYPACK_REPORT could not be written.",
    fix="Set POLICYPACK_REPORT to the absolute path of a folder that can be written to.",
    terms=("json", "export", "results"),
)
OWN_POLICIES: Final = (WAIVERS, KNOWN, REPORT)
