"""Every verdict of a run, and the report made of them."""

from __future__ import annotations

import datetime as dt
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from policypack.judge.evaluation import Finding, Judgement, Verdict
from policypack.judge.messages import shown

if TYPE_CHECKING:
    from policypack.judge.settings import Settings
    from policypack.judge.waivers import Waiver, Waivers
    from policypack.model import Resource
    from policypack.pack import Pack
    from policypack.rule import Rule

VARIABLE: Final = "POLICYPACK_REPORT"
SCHEMA: Final = "policypack-report-1"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine says about the run: which stack, and whether it is a preview."""

    organization: str = ""
    project: str = ""
    stack: str = ""
    preview: bool = False
    tags: dict[str, str] = {}

    @property
    def kind(self) -> str:
        """`preview` or `up`: they report into different files."""
        return "preview" if self.preview else "up"


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
    """The verdicts of one run. A later judgement of the same rule and subject replaces the earlier one."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self._started = time.time()

    def record(self, rule: Rule, subject: Resource, judgement: Judgement, waiver: Waiver | None = None) -> None:
        """Keep a verdict."""
        self._entries[rule.id, subject.urn] = Entry(rule.id, subject, judgement, waiver)

    def undecided(self) -> dict[str, list[Entry]]:
        """Undecided verdicts by the URN of their subject."""
        found: dict[str, list[Entry]] = {}
        for entry in self._entries.values():
            if entry.verdict is Verdict.UNDECIDED:
                found.setdefault(entry.subject.urn, []).append(entry)
        return found

    def judged(self) -> set[str]:
        """The ids of the rules that had a subject."""
        return {rule for rule, _ in self._entries}

    def report(self, run: Run, pack: Pack, settings: Settings, waivers: Waivers) -> dict[str, Any]:
        """The whole run as JSON-like data; `policypack/report/schema.json` describes it."""
        from importlib import metadata  # noqa: PLC0415 - 3 ms of every start, for those who want a report

        counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
        judged = self.judged()
        verdicts = []
        for entry in self._entries.values():
            counts[entry.verdict.value] += 1
            verdicts.append(_verdict(entry))
        idle = [rule.id for rule in pack.rules if rule.id not in judged]
        counts[Verdict.NOT_APPLICABLE.value] = len(idle)
        return {
            "schema": SCHEMA,
            "pack": {"name": pack.name, "version": pack.version},
            "run": {
                "kind": run.kind,
                "organization": run.organization,
                "project": run.project,
                "stack": run.stack,
                "started": dt.datetime.fromtimestamp(self._started, dt.UTC).isoformat(timespec="seconds"),
                "seconds": round(time.time() - self._started, 3),
            },
            "versions": {"python": platform.python_version(), "pulumi SDK": metadata.version("pulumi")},
            "counts": counts,
            "rules": {rule.id: _rule(rule, settings) for rule in pack.rules},
            "waivers": [{**msgspec.to_builtins(waiver), "source": waiver.source.value} for waiver in waivers.all()],
            "noWaivers": settings.no_waivers,
            "complaints": waivers.complaints(),
            "notApplicable": idle,
            "verdicts": verdicts,
        }


def write(report: dict[str, Any], folder: str) -> Path:
    """Write the report of a stack into a folder, whole or not at all."""
    run = report["run"]
    name = ".".join(_safe(run[part]) for part in ("organization", "project", "stack") if run[part]) or "stack"
    target = Path(folder) / f"{name}.{run['kind']}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=1))
        Path(aside).chmod(0o644)
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return target


def _verdict(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rule": entry.rule,
        "urn": entry.subject.urn,
        "type": entry.subject.type,
        "name": entry.subject.name,
        "verdict": entry.verdict.value,
    }
    if entry.judgement.findings:
        found["findings"] = [_finding(entry.subject, finding) for finding in entry.judgement.findings]
    if entry.judgement.unknown:
        found["unknown"] = entry.judgement.unknown
    if entry.judgement.crash:
        found["crash"] = shown(entry.judgement.crash, entry.subject)
    if entry.waiver:
        found["waiver"] = {"owner": entry.waiver.owner, "expires": entry.waiver.expires.isoformat()}
    return found


def _finding(subject: Resource, finding: Finding) -> dict[str, Any]:
    message = shown(finding.message, subject)
    said: dict[str, Any] = {"message": message, "urn": finding.urn, "path": finding.path}
    if finding.fix:
        said["fix"] = shown(finding.fix, subject)
    if finding.severity:
        said["severity"] = finding.severity.value
    return said


def _rule(rule: Rule, settings: Settings) -> dict[str, Any]:
    return {
        "severity": rule.severity.value,
        "level": settings.levels[rule.id].value,
        "concern": rule.concern,
        "scope": rule.scope.value,
        "why": rule.why,
        "fix": rule.fix,
        "options": msgspec.to_builtins(settings.options.get(rule.id, {})),
    }


def _safe(text: str) -> str:
    """A part of a file's name, in which a dot parts the parts."""
    return quote(text, safe="").replace(".", "%2E")
