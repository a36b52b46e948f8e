"""The rules of a pack over one run: dispatched by type, recorded, and each finding said once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.runtime.proto import analyzer_pb2

from policypack.host.answers import diagnostic, fitting
from policypack.host.resources import WireResource
from policypack.judge import messages as words
from policypack.judge.early import GrowingStack, completes, matters
from policypack.judge.evaluation import Judgement, Verdict, judge
from policypack.judge.ledger import Ledger
from policypack.judge.secrets import Secrets
from policypack.judge.settings import KNOWN, REPORT, WAIVERS
from policypack.model import Stack
from policypack.rule import Level, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.judge.ledger import Run
    from policypack.judge.settings import Notice, Settings
    from policypack.judge.waivers import Waivers
    from policypack.model import Resource
    from policypack.pack import Pack
    from policypack.report.writer import Reports
    from policypack.rule import Rule, Severity


class Judging:
    """One run. `stopped` tells that a finding has stopped a resource."""

    def __init__(self, pack: Pack, settings: Settings, waivers: Waivers, run: Run) -> None:
        self._pack, self._settings, self._waivers, self._run = pack, settings, waivers, run
        self._name = (pack.name, pack.version)
        self._ledger = Ledger()
        self._growing = GrowingStack()
        self._secrets = Secrets()
        self._said: set[tuple[str, ...]] = set()
        self._crashed: dict[Rule, list[str]] = {}
        self._asked: dict[str, frozenset[str]] = {}
        self._pending: list[analyzer_pb2.AnalyzeDiagnostic] = []
        self.stopped = False
        active = [rule for rule in pack.rules if settings.levels[rule.id] is not Level.DISABLED]
        for rule in pack.rules:
            if settings.levels[rule.id] is Level.DISABLED:
                waivers.excuse(rule.id)
        # A preview creates nothing that could be stopped: the pass over the whole stack, which knows more, is enough.
        self._early = () if run.preview else tuple(rule for rule in active if rule.early)
        self._stack_rules = tuple(rule for rule in active if rule.scope is Scope.STACK)
        self._by_type: dict[str, list[Rule]] = {}
        for rule in active:
            if rule.scope is Scope.RESOURCE:
                for type_ in rule.on:
                    self._by_type.setdefault(type_, []).append(rule)

    def note(self, request: analyzer_pb2.AnalyzeRequest) -> None:
        """Remember what the program set: in a preview the outputs do not tell it from what AWS will fill in."""
        if self._run.preview:
            self._asked[request.urn] = frozenset(request.properties.fields)

    def concerns(self, type_: str) -> bool:
        """Whether any rule needs to see a resource of this type as it registers."""
        return type_ in self._by_type or matters(type_, self._early)

    def remedies(self, type_: str) -> list[Rule]:
        """The rules that may mend a resource of this type."""
        rules = self._by_type.get(type_, ())
        return [rule for rule in rules if rule.remedy and self._settings.levels[rule.id] is Level.REMEDIATE]

    def waived(self, rule: str, urn: str) -> bool:
        """Whether a waiver is in force for a finding; it then counts as used."""
        return self._waivers.find(rule, urn) is not None

    def registered(self, request: analyzer_pb2.AnalyzeRequest, where: str) -> analyzer_pb2.AnalyzeResponse:
        """Judge a resource as it registers, and the faults it completes. `where` says how to find what is left out."""
        resource = WireResource(request, secrets=self._secrets)
        for rule in self._by_type.get(resource.type, ()):
            self._judge(rule, resource, None)
        if matters(resource.type, self._early):
            for rule, subject in completes(self._growing, resource, self._early):
                judgement = self._verdict(rule, subject, self._growing)
                if judgement.verdict in {Verdict.FAIL, Verdict.CRASHED}:
                    self._conclude_one(rule, subject, judgement)
        return self._flush(where)

    def stack(self, resources: Iterable[analyzer_pb2.AnalyzerResource]) -> None:
        """Judge the stack rules over everything there is."""
        stack = Stack(WireResource(each, self._asked.get(each.urn), self._secrets) for each in resources)
        for rule in self._stack_rules:
            for subject in stack.of_type(*sorted(rule.on)):
                self._judge(rule, subject, stack)

    def conclude(self, reports: Reports) -> analyzer_pb2.AnalyzeResponse:
        """Say what is left to say at the end of a run."""
        for rule, names in self._crashed.items():
            if len(names) > 1 and not self._stops(rule):
                others = ", ".join(map(words.printable, names[1:]))
                self._say(rule, "", f"the rule {rule.id} itself failed on {len(names) - 1} more: {others}")
        if self._settings.levels[KNOWN.id] is not Level.DISABLED:
            for urn, entries in self._ledger.undecided().items():
                rules = ", ".join(f"{entry.rule} ({entry.judgement.unknown})" for entry in entries)
                subject = words.printable(entries[0].subject.name)
                self._say(KNOWN, urn, f"{subject}: waits for values that only the deployment brings: {rules}")
        if self._settings.levels[WAIVERS.id] is not Level.DISABLED:
            for complaint in self._waivers.complaints():
                self._say(WAIVERS, "", words.printable(complaint))
        if reports.trouble and self._settings.levels[REPORT.id] is not Level.DISABLED:
            self._say(REPORT, "", words.printable(reports.trouble))
        response = self._flush(reports.where)
        judged = self._ledger.judged()
        response.not_applicable.extend(
            analyzer_pb2.PolicyNotApplicable(policy_name=rule.id, reason="the stack has no resource of its types")
            for rule in self._stack_rules
            if rule.id not in judged
        )
        return response

    def report(self) -> dict[str, Any]:
        """Everything found so far."""
        return self._ledger.report(self._run, self._pack, self._settings, self._waivers)

    def _judge(self, rule: Rule, subject: Resource, stack: Stack | None) -> None:
        self._conclude_one(rule, subject, self._verdict(rule, subject, stack))

    def _verdict(self, rule: Rule, subject: Resource, stack: Stack | None) -> Judgement:
        return self._secrets.clean(judge(rule, subject, stack, self._settings.options.get(rule.id)))

    def _conclude_one(self, rule: Rule, subject: Resource, judgement: Judgement) -> None:
        waiver = None
        if judgement.verdict is Verdict.FAIL:
            waiver = self._waivers.find(rule.id, subject.urn)
        elif judgement.verdict in {Verdict.UNDECIDED, Verdict.CRASHED}:
            self._waivers.touch(rule.id, subject.urn)
        self._ledger.record(rule, subject, judgement, waiver)
        if judgement.verdict is Verdict.CRASHED:
            self._say_crash(rule, subject, judgement)
        if waiver is None:
            expired = self._waivers.expired(rule.id, subject.urn) if judgement.findings else None
            for finding in judgement.findings:
                key = (rule.id, subject.urn, finding.urn, finding.path, finding.message)
                if key not in self._said:
                    self._said.add(key)
                    message = words.violation(rule, subject, finding)
                    if expired is not None:
                        message += f" Its waiver expired on {expired.expires.isoformat()}."
                    self._say(rule, subject.urn, message, finding.severity)

    def _say_crash(self, rule: Rule, subject: Resource, judgement: Judgement) -> None:
        """One line a rule, and one for the others at the end; in an update, a mandatory rule stops every resource."""
        names = self._crashed.setdefault(rule, [])
        if subject.name in names:
            return
        names.append(subject.name)
        if len(names) == 1 or self._stops(rule):
            self._say(rule, subject.urn, words.crash(rule, subject, judgement))

    def _stops(self, rule: Rule) -> bool:
        return self._settings.levels[rule.id] is not Level.ADVISORY and not self._run.preview

    def _say(self, source: Rule | Notice, urn: str, message: str, graver: Severity | None = None) -> None:
        level = self._settings.levels[source.id]
        if source is KNOWN:
            level = Level.ADVISORY  # also where every level is set to mandatory: not knowing yet is no fault
        elif level is Level.REMEDIATE:
            level = Level.MANDATORY  # what is still wrong was not mended
        self.stopped = self.stopped or level is Level.MANDATORY
        self._pending.append(diagnostic(self._name, source, level, urn, words.cut(message), graver=graver))

    def _flush(self, where: str) -> analyzer_pb2.AnalyzeResponse:
        pending, self._pending = self._pending, []
        return analyzer_pb2.AnalyzeResponse(diagnostics=fitting(pending, where))
