"""The rules of a pack over one run: judged as resources register and over the whole stack, and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.judge.active_rules import ActiveRules
from policypack.judge.diagnostics import Diagnostics
from policypack.judge.early import GrowingStack, completes, matters
from policypack.judge.evaluation import Judgement, Verdict, judge
from policypack.judge.ledger import Ledger
from policypack.judge.secrets import Secrets
from policypack.model import Stack
from policypack.own_policies import KNOWN, REPORT, WAIVERS
from policypack.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from policypack.judge.diagnostics import Diagnostic
    from policypack.judge.run import Run
    from policypack.judge.settings import Settings
    from policypack.judge.waivers import Waivers
    from policypack.model import Resource
    from policypack.rule import Rule
    from policypack.rule_pack import Pack


class StackJudge:
    """One run of the rules. What it finds is in `ledger`; what there is to say, in the answers of its methods.

    `secrets` are redacted in all texts: whoever reads a resource adds those of the resource.
    """

    def __init__(self, pack: Pack, settings: Settings, waivers: Waivers, run: Run) -> None:
        self.pack, self.settings, self.waivers, self.run = pack, settings, waivers, run
        self.rules = ActiveRules(pack, settings, run)
        self.ledger, self.secrets = Ledger(), Secrets()
        self._diagnostics = Diagnostics(settings, preview=run.preview)
        self._growing = GrowingStack()
        self._program_inputs: dict[str, frozenset[str]] = {}
        for rule in self.rules.disabled:
            waivers.excuse(rule.id)

    @property
    def stopped(self) -> bool:
        """Whether a finding has stopped a resource."""
        return self._diagnostics.stopped

    def note_inputs(self, urn: str, properties: Collection[str]) -> None:
        """Remember which properties the program set: outputs of a preview also hold those that AWS will fill in."""
        if self.run.preview:
            self._program_inputs[urn] = frozenset(properties)

    def inputs_of(self, urn: str) -> frozenset[str] | None:
        """The properties that the program set for a resource; None where that is not known, or does not matter."""
        return self._program_inputs.get(urn)

    def waived(self, rule: str, urn: str) -> bool:
        """Whether a waiver is in force for a finding; it then counts as used."""
        return self.waivers.find(rule, urn) is not None

    def registered(self, resource: Resource) -> list[Diagnostic]:
        """Judge a resource as it registers, and the early rules that it completes a fault of."""
        for rule in self.rules.on(resource.type):
            self._judge(rule, resource, None)
        if matters(resource.type, self.rules.early):
            for rule, subject in completes(self._growing, resource, self.rules.early):
                judgement = self._judgement(rule, subject, self._growing)
                if judgement.verdict in {Verdict.FAIL, Verdict.CRASHED}:
                    self._record(rule, subject, judgement)
        return self._diagnostics.take()

    def judge_stack(self, resources: Iterable[Resource]) -> None:
        """Judge the rules over the whole stack."""
        stack = Stack(resources)
        for rule in self.rules.stack:
            for subject in stack.of_type(*sorted(rule.on)):
                self._judge(rule, subject, stack)

    def conclude(self, report_problem: str = "") -> list[Diagnostic]:
        """The last diagnostics of a run. `report_problem` is the reason why a report was not written, if so."""
        self._diagnostics.other_crashes()
        for urn, entries in self.ledger.undecided().items():
            rules = ", ".join(f"{entry.rule} ({entry.judgement.unknown})" for entry in entries)
            subject = printable(entries[0].subject.name)
            self._diagnostics.say(
                KNOWN, urn, f"{subject}: undecided, because values are unknown until deployment: {rules}"
            )
        for complaint in self.waivers.complaints():
            self._diagnostics.say(WAIVERS, "", printable(complaint))
        if report_problem:
            self._diagnostics.say(REPORT, "", printable(report_problem))
        return self._diagnostics.take()

    def without_subject(self) -> list[Rule]:
        """The rules over the stack that had nothing to judge."""
        judged = self.ledger.judged()
        return [rule for rule in self.rules.stack if rule.id not in judged]

    def _judge(self, rule: Rule, subject: Resource, stack: Stack | None) -> None:
        self._record(rule, subject, self._judgement(rule, subject, stack))

    def _judgement(self, rule: Rule, subject: Resource, stack: Stack | None) -> Judgement:
        return self.secrets.clean(judge(rule, subject, stack, self.settings.options.get(rule.id)))

    def _record(self, rule: Rule, subject: Resource, judgement: Judgement) -> None:
        waiver = None
        if judgement.verdict is Verdict.FAIL:
            waiver = self.waivers.find(rule.id, subject.urn)
        elif judgement.verdict in {Verdict.UNDECIDED, Verdict.CRASHED}:
            self.waivers.touch(rule.id, subject.urn)
        self.ledger.record(rule, subject, judgement, waiver)
        if judgement.verdict is Verdict.CRASHED:
            self._diagnostics.crash(rule, subject, judgement)
        if waiver is None and judgement.findings:
            expired = self.waivers.expired(rule.id, subject.urn)
            note = f" Its waiver expired on {expired.expires.isoformat()}." if expired is not None else ""
            for finding in judgement.findings:
                self._diagnostics.finding(rule, subject, finding, note)
