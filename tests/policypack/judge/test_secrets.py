"""Secrets stay out of everything that is said, however a rule came by them."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from policypack.host.analyzer import Analyzer
from policypack.model import QUEUE, TABLE, Resource, Stack
from policypack.rule import Findings, Severity, rule
from policypack.rule_pack import Pack
from tests.policypack.host.calls import Context, analyze, begin, hidden, messages, stack

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CONTEXT: Any = Context()
PASSWORD = "correct-horse-battery"


@rule(on=TABLE, severity=Severity.LOW, fix="None.")
def table_is_stripped(table: Resource) -> Findings:
    """Says a secret that it stripped."""
    yield f"has {str.strip(table.get('password', ''))}"


@rule(on=TABLE, severity=Severity.LOW, fix="None.")
def table_is_a_number(table: Resource) -> Findings:
    """Fails with the secret in the exception's text."""
    yield f"{int(str.strip(table.get('password', '')))}"


@rule(on=TABLE, severity=Severity.LOW, fix="None.")
def table_reads_json(table: Resource) -> Findings:
    """Says a part of a secret JSON text."""
    yield f"has {json.loads(table.get('json', '{}')).get('inner')}"


@rule(on=QUEUE, severity=Severity.LOW, fix="None.")
def queue_knows_tables(queue: Resource, stack: Stack) -> Findings:
    """Says another resource's secret."""
    for table in stack.of_type(TABLE):
        yield f"{queue.name} knows {str.strip(table.get('password', ''))} and {table.get('pin') + 0}"


PACK = Pack("secrets", "1", (table_is_stripped, table_is_a_number, table_reads_json, queue_knows_tables))


def test_no_part_of_a_secret_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In messages, in crashes, about other resources, out of JSON; neither in the terminal nor in the report."""
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path))
    analyzer = Analyzer(PACK, dt.date(2026, 11, 24))
    analyzer.ConfigureStack(begin(), CONTEXT)
    table = analyze(
        TABLE,
        "t",
        password=hidden(f"  {PASSWORD} "),
        json=hidden(json.dumps({"inner": "inner-secret-text"})),
        pin=hidden(87654321),
    )
    queue = analyze(QUEUE, "q")
    said = messages(analyzer.Analyze(table, CONTEXT)) + messages(analyzer.AnalyzeStack(stack(table, queue), CONTEXT))
    (report,) = tmp_path.iterdir()
    everything = "\n".join(said) + report.read_text()
    assert len(said) == 4
    for secret in (PASSWORD, "inner-secret-text", "87654321"):
        assert secret not in everything
    assert everything.count("[secret]") >= 8
