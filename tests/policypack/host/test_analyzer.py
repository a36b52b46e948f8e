"""The analyzer, called as the engine calls it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policypack.host.analyzer import Analyzer
from policypack.host.answers import LARGEST
from policypack.model import EVENT_SOURCE_MAPPING, FUNCTION, MODEL, QUEUE, ROLE, TABLE
from tests.policypack.host.calls import (
    CONTEXT,
    TODAY,
    UNKNOWN,
    analyze,
    begin,
    hidden,
    messages,
    stack,
)
from tests.policypack.host.rules import PACK

if TYPE_CHECKING:
    from pathlib import Path


def test_a_finding_names_the_resource_the_fault_the_place_and_the_change(analyzer: Analyzer) -> None:
    """The message is all that an engineer needs."""
    said = messages(analyzer.Analyze(analyze(TABLE, "results", ttl={"enabled": True}), CONTEXT))
    assert said == [
        (
            "mandatory table-bills-on-demand: results: pays for provisioned capacity [billingMode]. "
            "Set billing_mode to PAY_PER_REQUEST."
        )
    ]


def test_a_finding_shows_its_own_fix_and_severity(
    analyzer: Analyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the terminal and in the report, and without the subject's secrets."""
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path))
    wide = analyze("test:own:Fix", "door", narrow="4 feet", secret=hidden("feet"))
    answer = analyzer.Analyze(wide, CONTEXT)
    assert messages(answer) == [
        "advisory subject-is-narrow: door: is wide [width]. Set it to 4 [secret].",
        "advisory subject-is-narrow: door: is wide. Narrow it.",
    ]
    assert [each.severity for each in answer.diagnostics] == [4, 1]
    analyzer.AnalyzeStack(stack(wide), CONTEXT)
    (path,) = tmp_path.iterdir()
    own, plain = json.loads(path.read_text())["verdicts"][0]["findings"]
    assert (own["fix"], own["severity"]) == ("Set it to 4 [secret].", "critical")
    assert plain.keys() == {"message", "urn", "path"}


def test_undecided_rules_are_one_advisory_line_a_subject(analyzer: Analyzer) -> None:
    """Two rules wait for two values: nothing while the resource registers, one line at the end."""
    table = analyze(TABLE, "results", billingMode=UNKNOWN, ttl={"enabled": UNKNOWN})
    assert messages(analyzer.Analyze(table, CONTEXT)) == []
    assert messages(analyzer.AnalyzeStack(stack(table), CONTEXT)) == [
        (
            "advisory values-are-known: results: undecided, because values are unknown until deployment: "
            "table-bills-on-demand (billingMode), table-forgets (ttl.enabled)"
        )
    ]


def test_an_unknown_hides_no_other_subject(analyzer: Analyzer) -> None:
    """One mapping's function is unknown, the other's verdict is still a finding."""
    function = analyze(FUNCTION, "worker", name="worker-1")
    hazy = analyze(EVENT_SOURCE_MAPPING, "hazy", functionName=UNKNOWN)
    clear = analyze(EVENT_SOURCE_MAPPING, "clear", functionName="worker-1")
    assert messages(analyzer.AnalyzeStack(stack(function, hazy, clear), CONTEXT)) == [
        "advisory mapping-is-fast: clear: calls a slow function. None.",
        (
            "advisory values-are-known: hazy: undecided, because values are unknown until deployment: "
            "mapping-is-fast (functionName)"
        ),
    ]


def test_a_crash_costs_one_line_and_hides_no_other_verdict(analyzer: Analyzer) -> None:
    """Division, recursion and sys.exit; the rule that prints is still heard, and a second subject adds no line."""
    said = messages(analyzer.Analyze(analyze("test:crash:Raises", "first"), CONTEXT))
    assert [line.split(":")[0] for line in said] == [
        "advisory advisory-crash",
        "mandatory mandatory-crash",
        "advisory crash-that-exits",
        "advisory rule-that-prints",
    ]
    assert "first: the rule advisory-crash crashed: ZeroDivisionError" in said[0]
    assert "rules.py:" in said[0]
    assert "RecursionError" in said[1]
    assert "SystemExit: out" in said[2]
    again = messages(analyzer.Analyze(analyze("test:crash:Raises", "second"), CONTEXT))
    assert again == ["advisory rule-that-prints: second: is printed by second. Be quiet."]


def test_a_mandatory_crash_stops_every_resource_of_an_update() -> None:
    """Failing closed: in an update each subject of the broken rule is stopped."""
    analyzer = Analyzer(PACK, TODAY)
    analyzer.ConfigureStack(begin(preview=False), CONTEXT)
    for name in ("first", "second"):
        said = messages(analyzer.Analyze(analyze("test:crash:Raises", name), CONTEXT))
        assert any(line.startswith(f"mandatory mandatory-crash: {name}:") for line in said)


@pytest.fixture
def updating() -> Analyzer:
    """An analyzer in an update, where resources are created as they register."""
    made = Analyzer(PACK, TODAY)
    made.ConfigureStack(begin(preview=False), CONTEXT)
    return made


@pytest.mark.parametrize("order", [("model", "function"), ("function", "model")])
def test_the_second_user_of_a_shared_role_is_stopped(updating: Analyzer, order: tuple[str, str]) -> None:
    """Whichever registers second completes the fault; the final pass does not repeat it."""
    arn = "arn:aws:iam::123456789012:role/shared-1"
    role = analyze(ROLE, "shared", name="shared-1")
    users = {
        "model": analyze(MODEL, "model", executionRoleArn=arn),
        "function": analyze(FUNCTION, "function", role=arn),
    }
    assert messages(updating.Analyze(role, CONTEXT)) == []
    assert messages(updating.Analyze(users[order[0]], CONTEXT)) == []
    expected = (
        "mandatory model-role-is-its-own: model: shares its role with function. Give the model a role of its own."
    )
    assert messages(updating.Analyze(users[order[1]], CONTEXT)) == [expected]
    assert messages(updating.AnalyzeStack(stack(role, *users.values()), CONTEXT)) == []


def test_the_second_consumer_of_a_queue_is_stopped(updating: Analyzer) -> None:
    """The queue is the subject, the second mapping is what completes the fault."""
    arn = "arn:aws:sqs:eu-west-1:123456789012:jobs-1"
    updating.Analyze(analyze(QUEUE, "jobs", name="jobs-1"), CONTEXT)
    assert messages(updating.Analyze(analyze(EVENT_SOURCE_MAPPING, "one", eventSourceArn=arn), CONTEXT)) == []
    assert messages(updating.Analyze(analyze(EVENT_SOURCE_MAPPING, "two", eventSourceArn=arn), CONTEXT)) == [
        "mandatory queue-has-one-consumer: jobs: is read by one and two. Give each consumer its own queue."
    ]


def test_a_shared_role_is_seen_by_its_edges_where_its_arn_is_unknown(analyzer: Analyzer) -> None:
    """In a preview the role has no ARN yet: the engine's property dependencies lead to it."""
    role = analyze(ROLE, "shared", name="shared-1")
    model = analyze(MODEL, "model", executionRoleArn=UNKNOWN)
    function = analyze(FUNCTION, "function", role=UNKNOWN)
    links = {"model": {"executionRoleArn": [role.urn]}, "function": {"role": [role.urn]}}
    said = messages(analyzer.AnalyzeStack(stack(role, model, function, **links), CONTEXT))
    assert said[0].startswith("mandatory model-role-is-its-own: model: shares its role with function.")


def test_a_secret_is_never_said(analyzer: Analyzer) -> None:
    """A rule that prints a secret prints the word instead, even where it took the text apart."""
    function = analyze(FUNCTION, "f", environment={"variables": {"TOKEN": hidden("hunter2-hunter2")}})
    said = "".join(messages(analyzer.Analyze(function, CONTEXT)))
    assert "has the token [secret], that is [secret]" in said
    assert "hunter2" not in said


def test_ten_thousand_findings_fit_into_one_answer(analyzer: Analyzer) -> None:
    """The answer stays below what the engine takes, keeps what is mandatory, and says how much is left out."""
    function = analyze(FUNCTION, "worker", name="worker-1")
    mappings = [
        analyze(EVENT_SOURCE_MAPPING, f"mapping-{'x' * 400}-{n}", functionName="worker-1") for n in range(10_000)
    ]
    answer = analyzer.AnalyzeStack(stack(function, *mappings), CONTEXT)
    assert answer.ByteSize() < LARGEST + 10_000
    left_out = 10_000 - (len(answer.diagnostics) - 1)
    assert messages(answer)[-1].endswith(
        f"{left_out:,} more findings are not shown: the engine limits the size of a response. "
        "Set POLICYPACK_REPORT to a folder's absolute path to find all of them in a report there."
    )


def test_a_stack_without_resources(analyzer: Analyzer) -> None:
    """Nothing is found, and every stack rule says that it had no subject."""
    answer = analyzer.AnalyzeStack(stack(), CONTEXT)
    assert messages(answer) == []
    assert [each.policy_name for each in answer.not_applicable] == [
        "model-role-is-its-own",
        "queue-has-one-consumer",
        "mapping-is-fast",
    ]


def test_a_urn_without_a_name_and_a_type_that_no_rule_knows(analyzer: Analyzer) -> None:
    """Odd requests are answered like any other."""
    odd = analyze(TABLE, "", billingMode="PROVISIONED", ttl={"enabled": True})
    odd.urn = "urn:pulumi:test"
    assert messages(analyzer.Analyze(odd, CONTEXT))[0].startswith("mandatory table-bills-on-demand: urn:pulumi:test:")
    assert messages(analyzer.Analyze(analyze("nobody:knows:This", "it", a=1), CONTEXT)) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "advisory mapping-is-fast: jobs: calls a slow function. None."),
        (
            {"memorySize": UNKNOWN},
            (
                "advisory values-are-known: jobs: undecided, because values are unknown until deployment: "
                "mapping-is-fast (memorySize)"
            ),
        ),
    ],
)
def test_what_aws_fills_in_by_itself_is_absent_in_a_preview(
    analyzer: Analyzer, asked: dict[str, Any], said: str
) -> None:
    """The provider calls a property unknown that the program did not set; one that it did set stays unknown."""
    analyzer.Analyze(analyze(FUNCTION, "worker", **asked), CONTEXT)
    function = analyze(FUNCTION, "worker", name="worker-1", memorySize=UNKNOWN)
    mapping = analyze(EVENT_SOURCE_MAPPING, "jobs", functionName="worker-1")
    assert messages(analyzer.AnalyzeStack(stack(function, mapping), CONTEXT))[-1] == said
