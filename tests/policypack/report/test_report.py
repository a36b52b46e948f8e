"""The report that a run leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policypack.host.analyzer import Analyzer
from policypack.model import TABLE
from tests.policypack.host.calls import (
    CONTEXT,
    TODAY,
    UNKNOWN,
    analyze,
    begin,
    messages,
    stack,
    urn,
)
from tests.policypack.host.rules import PACK

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
    """The folder is a file: the verdicts are given all the same, and the trouble is said."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path / "file" / "folder"))
    table = analyze(TABLE, "t", ttl={"enabled": True})
    assert len(messages(analyzer.Analyze(table, CONTEXT))) == 1
    (said,) = messages(analyzer.AnalyzeStack(stack(table), CONTEXT))
    assert said.startswith("advisory report-is-written: the report could not be written to ")


def test_a_relative_folder_is_refused(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack runs in its own folder, and would leave the report there."""
    monkeypatch.setenv("POLICYPACK_REPORT", "reports")
    assert messages(analyzer.AnalyzeStack(stack(), CONTEXT)) == [
        (
            "advisory report-is-written: POLICYPACK_REPORT is reports, and has to be an absolute path; "
            "no report was written"
        )
    ]


def test_an_update_that_goes_on_after_a_stop_writes_again_when_it_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once for the first finding that stops it, for the others when the process ends."""
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path))
    analyzer = Analyzer(PACK, TODAY)
    analyzer.ConfigureStack(begin(preview=False), CONTEXT)
    for name in ("one", "two", "three"):
        analyzer.Analyze(analyze(TABLE, name, ttl={"enabled": True}), CONTEXT)
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text())["counts"]["fail"] == 1
    analyzer.leave()
    assert json.loads(path.read_text())["counts"]["fail"] == 3
