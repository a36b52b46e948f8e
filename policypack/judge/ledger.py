"""Every verdict of a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from policypack.judge.evaluation import Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.judge.waivers import Waiver
    from policypack.model import Resource
    from policypack.rule import Rule


class Entry(msgspec.Struct, frozen=True):
    """One verdict: a rule, its subject, and the waiver that covers it, if any."""

    rule: str
    subject: Resource
    judgement: Judgement
    waiver: Waiver | None = None

    @property
    def verdict(self) -> Verdict:
        """The judgement's verdict, or waived."""
        return Verdict.WAIVED if self.waiver else self.judgement.verdict


class Ledger:
    """The verdicts of one run. A later judgement of the same rule and subject replaces the earlier one.

    `started` is when the run began, in seconds since the epoch.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self.started = time.time()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def record(self, rule: Rule, subject: Resource, judgement: Judgement, waiver: Waiver | None = None) -> None:
        """Keep a verdict."""
        self._entries[rule.id, subject.urn] = Entry(rule.id, subject, judgement, waiver)

    def undecided(self) -> dict[str, list[Entry]]:
        """Undecided verdicts by the URN of their subject."""
        found: dict[str, list[Entry]] = {}
        for entry in self:
            if entry.verdict is Verdict.UNDECIDED:
                found.setdefault(entry.subject.urn, []).append(entry)
        return found

    def judged(self) -> set[str]:
        """The ids of the rules that had a subject."""
        return {rule for rule, _ in self._entries}
