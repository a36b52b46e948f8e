"""Waivers, alone and in a run."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

import jsonschema
import pytest

from policypack.host.analyzer import Analyzer
from policypack.judge.waivers import Source, Waivers
from policypack.model import TABLE
from tests.policypack.host.calls import CONTEXT, TODAY, analyze, begin, configure, messages, stack, urn
from tests.policypack.host.rules import PACK

if TYPE_CHECKING:
    from pathlib import Path


GOOD = {
    "rule": "table-bills-on-demand",
    "resource": "*::results",
    "reason": "steady load, measured",
    "owner": "data team",
    "expires": "2026-11-24",
}


def run(stack_waivers: object = None, *, pack_waivers: object = None, forbidden: object = None) -> list[str]:
    """What a run says about a table `results` that is provisioned, under these waivers."""
    analyzer = Analyzer(PACK, TODAY)
    text = stack_waivers if isinstance(stack_waivers, str) else json.dumps(stack_waivers or [])
    analyzer.ConfigureStack(begin(waivers=text), CONTEXT)
    options = {"waivers": pack_waivers or [], "noWaivers": forbidden or []}
    analyzer.Configure(configure(waivers_are_in_force=(0, options)), CONTEXT)
    table = analyze(TABLE, "results", ttl={"enabled": True})
    return messages(analyzer.Analyze(table, CONTEXT)) + messages(analyzer.AnalyzeStack(stack(table), CONTEXT))


def test_a_waiver_in_force_silences_its_finding() -> None:
    """To the end of its last day, from either place."""
    assert run([GOOD]) == []
    assert run(pack_waivers=[GOOD]) == []


FINDING = (
    "mandatory table-bills-on-demand: results: pays for provisioned capacity [billingMode]. "
    "Set billing_mode to PAY_PER_REQUEST."
)
COMPLAINT = "advisory waivers-are-in-force: "


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([{**GOOD, "resource": "*::other"}], "the waiver of table-bills-on-demand for *::other (stack configuration, "),
        (
            [{**GOOD, "rule": "table-bills-on-demands"}],
            "names no rule of this pack: table-bills-on-demands; nearest: ",
        ),
        (
            [{key: GOOD[key] for key in GOOD if key != "owner"}],
            "waiver 1 of the stack configuration (table-bills-on-demand) needs a text",
        ),
        ([{**GOOD, "reason": "  "}], "needs a text in its field reason"),
        ([{**GOOD, "expires": "soon"}], "has no ISO date in its field expires: 'soon'; for example 2027-01-31"),
        ([{**GOOD, "expires": "2026-02-30"}], "has no ISO date in its field expires: '2026-02-30'"),
        ([{**GOOD, "expires": "20261231"}], "has no ISO date in its field expires: '20261231'"),
        ([{**GOOD, "resaon": "x"}], "has an unknown field resaon; nearest: reason"),
        (["table-bills-on-demand"], "is not an object with the fields rule, resource, reason, owner, expires"),
        ('{"rule": 1}', "the waivers of the stack configuration are not a list of objects"),
        ("[{", "the waivers of the stack configuration cannot be read: Expecting"),
        ('[{"rule": "a", "rule": "b"}]', "cannot be read: the key 'rule' occurs twice in one object"),
        ("[" * 100_000, "the waivers of the stack configuration cannot be read: "),
    ],
)
def test_a_waiver_out_of_order_is_a_finding_and_waives_nothing(given: object, complaint: str) -> None:
    """Unused, unknown rule, missing or empty or unknown field, no date, no object, no list, no JSON, a key twice."""
    said = run(given)
    assert said[0] == FINDING
    assert said[1].startswith(COMPLAINT)
    assert complaint in said[1]


def test_an_expired_waiver_is_said_with_the_finding_and_at_the_end() -> None:
    """Whoever sees the red line learns that it was waived until yesterday."""
    said = run([{**GOOD, "expires": "2026-11-23"}])
    assert said[0] == f"{FINDING} Its waiver expired on 2026-11-23."
    assert "expired on 2026-11-23: fix the finding or renew the waiver" in said[1]


def test_an_organization_can_forbid_what_a_stack_waives() -> None:
    """The stack's waiver is refused; the organization's own still holds."""
    said = run([GOOD], forbidden=["table-bills-on-demand"])
    assert said[0] == FINDING
    assert said[1].endswith(
        "waiver 1 of the stack configuration (table-bills-on-demand) is forbidden: "
        "the organization does not let a stack waive table-bills-on-demand"
    )
    assert run(pack_waivers=[GOOD], forbidden=["table-bills-on-demand"]) == []


def test_a_waiver_of_an_undecided_verdict_is_not_called_unused() -> None:
    """A preview cannot tell yet whether it will be needed."""
    waivers = Waivers({"table-bills-on-demand"}, TODAY)
    waivers.read([GOOD], Source.STACK)
    waivers.touch("table-bills-on-demand", urn(TABLE, "results"))
    assert waivers.complaints() == []


def test_a_glob_knows_stars_and_question_marks_only() -> None:
    """Brackets are themselves, so that a URN can be pasted."""
    waivers = Waivers({"table-bills-on-demand"}, TODAY)
    waivers.read([{**GOOD, "resource": "urn:*::a[b]?"}], Source.STACK)
    assert waivers.find("table-bills-on-demand", "urn:pulumi:x::a[b]c") is not None
    assert waivers.find("table-bills-on-demand", "urn:pulumi:x::abc") is None


def test_the_report_of_a_run_with_everything_in_it_fits_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waived, failed, crashed and undecided verdicts; good and bad waivers."""
    monkeypatch.setenv("POLICYPACK_REPORT", str(tmp_path))
    analyzer = Analyzer(PACK, TODAY)
    waivers = json.dumps([GOOD, {**GOOD, "resource": "*::gone"}, {**GOOD, "expires": "2020-01-01"}])
    analyzer.ConfigureStack(begin(waivers=waivers), CONTEXT)
    registered = [
        analyze(TABLE, "results", ttl={"enabled": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}),
        analyze(TABLE, "other"),
        analyze("test:crash:Raises", "broken"),
    ]
    for each in registered:
        analyzer.Analyze(each, CONTEXT)
    analyzer.AnalyzeStack(stack(*registered), CONTEXT)
    (path,) = tmp_path.iterdir()
    report = json.loads(path.read_text())
    schema = json.loads(resources.files("policypack.report").joinpath("schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(report, schema)
    assert {each["verdict"] for each in report["verdicts"]} == {"pass", "fail", "undecided", "waived", "crashed"} - {
        "pass"
    }
    assert len(report["complaints"]) == 2


def test_a_glob_of_many_stars_is_quick() -> None:
    """Its work grows with the text, not with the ways to split it."""
    waivers = Waivers({"table-bills-on-demand"}, TODAY)
    waivers.read([{**GOOD, "resource": "*a" * 40 + "*b"}], Source.STACK)
    assert waivers.find("table-bills-on-demand", "a" * 5_000) is None


def test_a_waiver_of_a_disabled_rule_is_not_called_unused() -> None:
    """Whether it is needed shows once the rule is judged again."""
    analyzer = Analyzer(PACK, TODAY)
    analyzer.ConfigureStack(begin(waivers=json.dumps([GOOD])), CONTEXT)
    analyzer.Configure(configure(table_bills_on_demand=(2, {})), CONTEXT)
    assert messages(analyzer.AnalyzeStack(stack(), CONTEXT)) == []
