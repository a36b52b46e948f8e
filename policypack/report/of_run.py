"""The report of a run, made from what was judged."""

from __future__ import annotations

import datetime as dt
import platform
import time
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from policypack.judge.evaluation import Verdict
from policypack.judge.messages import redacted
from policypack.report.report import (
    PackIdentity,
    Report,
    ReportedFinding,
    ReportedVerdict,
    RuleDescription,
    RunDescription,
    WaiverDescription,
    WaiverInForce,
)

if TYPE_CHECKING:
    from policypack.judge.evaluation import Finding
    from policypack.judge.ledger import Entry
    from policypack.judge.settings import Settings
    from policypack.judge.stack_judge import StackJudge
    from policypack.judge.waivers import Waiver
    from policypack.model import Resource
    from policypack.rule import Rule


def report_of(judge: StackJudge) -> Report:
    """Everything that a run has found so far."""
    from importlib import metadata  # noqa: PLC0415 - 3 ms of every start, for those who want a report

    pack, run, ledger = judge.pack, judge.run, judge.ledger
    counts = dict.fromkeys(Verdict, 0)
    verdicts = [_verdict(entry) for entry in ledger]
    for each in verdicts:
        counts[each.verdict] += 1
    judged = ledger.judged()
    idle = [rule.id for rule in pack.rules if rule.id not in judged]
    counts[Verdict.NOT_APPLICABLE] = len(idle)
    return Report(
        pack=PackIdentity(name=pack.name, version=pack.version),
        run=RunDescription(
            kind=run.kind,
            organization=run.organization,
            project=run.project,
            stack=run.stack,
            started=dt.datetime.fromtimestamp(int(ledger.started), dt.UTC),
            seconds=round(time.time() - ledger.started, 3),
        ),
        versions={"python": platform.python_version(), "pulumi SDK": metadata.version("pulumi")},
        counts=counts,
        rules={rule.id: _rule(rule, judge.settings) for rule in pack.rules},
        waivers=[_waiver(waiver) for waiver in judge.waivers.all()],
        no_waivers=judge.settings.no_waivers,
        complaints=judge.waivers.complaints(),
        not_applicable=idle,
        verdicts=verdicts,
    )


def _verdict(entry: Entry) -> ReportedVerdict:
    judgement, subject = entry.judgement, entry.subject
    return ReportedVerdict(
        rule=entry.rule,
        urn=subject.urn,
        type=subject.type,
        name=subject.name,
        verdict=entry.verdict,
        findings=[_finding(subject, finding) for finding in judgement.findings] or UNSET,
        unknown=judgement.unknown or UNSET,
        crash=redacted(judgement.crash, subject) or UNSET,
        waiver=WaiverInForce(owner=entry.waiver.owner, expires=entry.waiver.expires) if entry.waiver else UNSET,
    )


def _finding(subject: Resource, finding: Finding) -> ReportedFinding:
    return ReportedFinding(
        message=redacted(finding.message, subject),
        urn=finding.urn,
        path=finding.path,
        fix=redacted(finding.fix, subject) or UNSET,
        severity=finding.severity or UNSET,
    )


def _rule(rule: Rule, settings: Settings) -> RuleDescription:
    return RuleDescription(
        severity=rule.severity,
        level=settings.levels[rule.id],
        concern=rule.concern,
        scope=rule.scope,
        why=rule.why,
        fix=rule.fix,
        options=msgspec.to_builtins(settings.options.get(rule.id, {})),
    )


def _waiver(waiver: Waiver) -> WaiverDescription:
    return WaiverDescription(**msgspec.structs.asdict(waiver))
