"""The diagnostics of a run for its user: each finding once, at the level that is configured for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from policypack.judge import messages
from policypack.own_policies import KNOWN, OwnPolicy
from policypack.rule import Level, Rule, Severity
from policypack.text import cut, printable

if TYPE_CHECKING:
    from policypack.judge.evaluation import Finding, Judgement
    from policypack.judge.settings import Settings
    from policypack.model import Resource


class Diagnostic(msgspec.Struct, frozen=True):
    """One line for the user. `urn` is empty where it is about the run as a whole."""

    source: Rule | OwnPolicy
    level: Level
    urn: str
    message: str
    severity: Severity


class Diagnostics:
    """The diagnostics of one run. `stopped` is true once one of them has stopped a resource."""

    def __init__(self, settings: Settings, *, preview: bool) -> None:
        self._levels, self._preview = settings.levels, preview
        self._reported: set[tuple[str, ...]] = set()
        self._crashed: dict[str, tuple[Rule, list[str]]] = {}
        self._pending: list[Diagnostic] = []
        self.stopped = False

    def take(self) -> list[Diagnostic]:
        """Everything since the last call."""
        pending, self._pending = self._pending, []
        return pending

    def say(self, source: Rule | OwnPolicy, urn: str, message: str, severity: Severity | None = None) -> None:
        """Add a line; none where its source is disabled. `severity` is the finding's own, if it has one."""
        level = self._levels[source.id]
        if level is Level.DISABLED:
            return
        if source is KNOWN:
            level = Level.ADVISORY  # also where every level is set to mandatory: not knowing yet is no fault
        elif level is Level.REMEDIATE:
            level = Level.MANDATORY  # what is still wrong was not remediated
        self.stopped = self.stopped or level is Level.MANDATORY
        self._pending.append(Diagnostic(source, level, urn, cut(message), severity or source.severity))

    def finding(self, rule: Rule, subject: Resource, finding: Finding, note: str = "") -> None:
        """Add a finding, unless it was added before. `note` is added to its message."""
        key = (rule.id, subject.urn, finding.urn, finding.path, finding.message)
        if key not in self._reported:
            self._reported.add(key)
            self.say(rule, subject.urn, messages.violation(rule, subject, finding) + note, finding.severity)

    def crash(self, rule: Rule, subject: Resource, judgement: Judgement) -> None:
        """Add one line a rule, and one for its other subjects at the end.

        In an update, a mandatory rule adds a line for each subject: every such resource is stopped.
        """
        _, names = self._crashed.setdefault(rule.id, (rule, []))
        if subject.name in names:
            return
        names.append(subject.name)
        if len(names) == 1 or self._blocks(rule):
            self.say(rule, subject.urn, messages.crash(rule, subject, judgement))

    def other_crashes(self) -> None:
        """Add a line for each rule that crashed on more subjects than were named."""
        for rule, names in self._crashed.values():
            if len(names) > 1 and not self._blocks(rule):
                others = ", ".join(map(printable, names[1:]))
                count = len(names) - 1
                resources = "resource" if count == 1 else "resources"
                self.say(rule, "", f"the rule {rule.id} also crashed on {count} more {resources}: {others}")

    def _blocks(self, rule: Rule) -> bool:
        return self._levels[rule.id] is not Level.ADVISORY and not self._preview
