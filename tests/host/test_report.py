"""The report that a run leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policypack.host.analyzer import Analyzer
from policypack.model import TABLE
from tests.host.calls import (
    CONTEXT,
    TODAY,
    UNKNOWN,
    analyze,
    begin,
    messages,
    stack,
    urn,
)
from tests.host.rules import PACK

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_report_has_every_verdict(analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file a stack and kind of run, whole, with what the terminal does not show."""
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path))
    table = analyze(TABLE, "t", billingMode="PAY_PER_REQUEST", ttl={"enabled": UNKNOWN})
    for preview in (True, False):
        analyzer.ConfigureStack(begin(preview=preview), CONTEXT)
        analyzer.Analyze(table, CONTEXT)
        analyzer.AnalyzeStack(stack(table), CONTEXT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["org.test.test.preview.json", "org.test.test.up.json"]
    report = json.loads((tmp_path / "org.test.test.preview.json").read_text())
    assert [(each["rule"], each["verdict"]) for each in report["verdicts"]] == [
        ("table-bills-on-demand", "pass"),
        ("table-forgets", "undecided"),
    ]
    assert report["counts"] == {
        "pass": 1,
        "fail": 0,
        "undecided": 1,
        "waived": 0,
        "not applicable": len(PACK.rules) - 2,
        "crashed": 0,
    }
    assert report["verdicts"][1]["unknown"] == "ttl.enabled"


def test_an_update_that_is_stopped_leaves_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no pass over the stack then: the report is written with the finding that stopped it."""
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path))
    analyzer = Analyzer(PACK, TODAY)
    analyzer.ConfigureStack(begin(preview=False), CONTEXT)
    analyzer.Analyze(analyze(TABLE, "t"), CONTEXT)
    report = json.loads((tmp_path / "org.test.test.up.json").read_text())
    assert report["counts"]["fail"] == 2
    assert report["verdicts"][0]["findings"][0]["urn"] == urn(TABLE, "t")


def test_a_report_that_cannot_be_written_stops_nothing(
    analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is a file: the verdicts are given all the same."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path / "file" / "folder"))
    table = analyze(TABLE, "t", ttl={"enabled": True})
    assert len(messages(analyzer.Analyze(table, CONTEXT))) == 1
    assert messages(analyzer.AnalyzeStack(stack(table), CONTEXT)) == []
