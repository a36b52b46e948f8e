"""Waivers: findings that an owner accepts until an expiry date."""

from __future__ import annotations

import datetime as dt
import json
import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.iam.globs import glob
from policypack.text import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

STACK_KEY: Final = "policypack:waivers"
FIELDS: Final = ("rule", "resource", "reason", "owner", "expires")
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Source(Enum):
    """Who wrote a waiver: the organization, in the pack's configuration, or a team, in its stack's."""

    PACK = "pack configuration"
    STACK = "stack configuration"


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """One waiver: of a rule, for the resources whose URN matches a glob, valid to the end of the day `expires`."""

    rule: str
    resource: str
    reason: str
    owner: str
    expires: dt.date
    source: Source

    def covers(self, rule: str, urn: str) -> bool:
        """Whether it is about this rule and this resource, expired or not."""
        return self.rule == rule and glob(self.resource).matches(urn)


class Waivers:
    """All waivers of a run, which of them were used, and what is wrong with the others."""

    def __init__(self, rules: Collection[str], today: dt.date, forbidden: Collection[str] = ()) -> None:
        self._rules, self._today, self._forbidden = rules, today, forbidden
        self._by_rule: dict[str, list[Waiver]] = {}
        self._used: set[Waiver] = set()
        self.faults: list[str] = []
        """Malformed and forbidden waivers, one sentence each."""

    def read(self, given: Iterable[Any], source: Source) -> None:
        """Take waivers from configuration. What is malformed or forbidden becomes a fault."""
        for number, entry in enumerate(given, 1):
            rule = entry.get("rule") if isinstance(entry, dict) else None
            named = f" ({rule})" if isinstance(rule, str) else ""
            waiver = self._parse(entry, f"waiver {number} of the {source.value}{named}", source)
            if waiver is not None:
                self._by_rule.setdefault(waiver.rule, []).append(waiver)

    def read_text(self, text: str, source: Source) -> None:
        """Take waivers from the JSON text of a stack's configuration."""
        try:
            given = json.loads(text, object_pairs_hook=_no_duplicates)
        except (ValueError, RecursionError) as error:
            self.faults.append(f"the waivers of the {source.value} cannot be read: {error}")
            return
        if isinstance(given, list):
            self.read(given, source)
        else:
            self.faults.append(f"the waivers of the {source.value} are not a list of objects")

    def find(self, rule: str, urn: str) -> Waiver | None:
        """The waiver in force for a finding; it counts as used."""
        for waiver in self._by_rule.get(rule, ()):
            if waiver.expires >= self._today and waiver.covers(rule, urn):
                self._used.add(waiver)
                return waiver
        return None

    def expired(self, rule: str, urn: str) -> Waiver | None:
        """A waiver that covered this finding until it expired."""
        found = (waiver for waiver in self._by_rule.get(rule, ()) if waiver.covers(rule, urn))
        return next((waiver for waiver in found if waiver.expires < self._today), None)

    def touch(self, rule: str, urn: str) -> None:
        """Count waivers as used if their rule was undecided or crashed: they may cover a finding once it is judged."""
        for waiver in self._by_rule.get(rule, ()):
            if waiver.covers(rule, urn):
                self._used.add(waiver)

    def excuse(self, rule: str) -> None:
        """Count the waivers of a rule as used: it is not judged, so nobody knows what they are needed for."""
        self._used.update(self._by_rule.get(rule, ()))

    def all(self) -> list[Waiver]:
        """Every well-formed waiver."""
        return [waiver for waivers in self._by_rule.values() for waiver in waivers]

    def complaints(self) -> list[str]:
        """What is wrong at the end of a run: malformed, forbidden, expired and unused waivers, one sentence each."""
        complaints = list(self.faults)
        for waiver in self.all():
            what = f"the waiver of {waiver.rule} for {waiver.resource} ({waiver.source.value}, owner {waiver.owner})"
            if waiver.expires < self._today:
                complaints.append(
                    f"{what} expired on {waiver.expires.isoformat()}: fix the finding or renew the waiver"
                )
            elif waiver not in self._used:
                complaints.append(f"{what} is not used: no resource that it covers violates the rule; remove it")
        return complaints

    def _parse(self, entry: Any, what: str, source: Source) -> Waiver | None:
        fault = self._fault(entry, source)
        if fault:
            self.faults.append(f"{what} {fault}")
            return None
        return Waiver(source=source, **{**entry, "expires": dt.date.fromisoformat(entry["expires"])})

    def _fault(self, entry: Any, source: Source) -> str:
        if not isinstance(entry, dict):
            return f"is not an object with the fields {', '.join(FIELDS)}"
        if unknown := sorted(set(entry) - set(FIELDS)):
            return f"has an unknown field {unknown[0]}{nearest(unknown[0], FIELDS)}"
        for field in FIELDS:
            if not isinstance(entry.get(field), str) or not entry[field].strip():
                return f"needs a text in its field {field}"
        if entry["rule"] not in self._rules:
            return f"names no rule of this pack: {entry['rule']}{nearest(entry['rule'], self._rules)}"
        if source is Source.STACK and entry["rule"] in self._forbidden:
            return f"is forbidden: the organization does not let a stack waive {entry['rule']}"
        return _date_fault(entry["expires"])


def _date_fault(text: str) -> str:
    try:
        if _TIME.fullmatch(text):
            dt.date.fromisoformat(text)
            return ""
    except ValueError:
        pass
    return f"has no ISO date in its field expires: {text!r}; for example 2027-01-31"


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} occurs twice in one object")
        found[key] = value
    return found
