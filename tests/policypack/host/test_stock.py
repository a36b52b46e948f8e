"""The rules under pulumi_policy's own server: their messages and their remedies."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policypack.host import stock
from policypack.host.analyzer import Analyzer
from policypack.model import FUNCTION, ROLE, TABLE, Resource, Stack
from policypack.pack import PACK
from policypack.rule import Findings, Level, Options, Rule, Severity, put, rule
from tests.policypack.host.calls import (
    CONTEXT,
    TODAY,
    UNKNOWN,
    analyze,
    begin,
    configure,
    hidden,
    messages,
    stack,
    struct,
)
from tests.policypack.host.rules import function_has_no_token
from tests.policypack.host.test_differential import resources

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2

REMEDIATE = 3
WITH_REMEDY = [each for each in PACK.rules if each.remedy]


def server(*rules: Rule) -> Any:
    """pulumi_policy's server with these rules."""
    return _PolicyAnalyzerServicer("stock", "1", stock.policies(rules), EnforcementLevel.ADVISORY)


@rule(on=ROLE, severity=Severity.LOW, fix="None.")
def role_says_all(role: Resource, stack: Stack) -> Findings:
    """Quotes another resource, then fails on it."""
    for function in stack.of_type(FUNCTION):
        yield f"serves {function.name}, which has {function.get('environment.variables.TOKEN')}"
        raise ValueError(function.get("environment.variables.TOKEN"))
    yield f"is {role.name}"


def test_messages_withhold_what_may_be_a_secret() -> None:
    """Secrets arrive here in clear text; the name of a resource is none."""
    function = analyze(
        FUNCTION, "a-function", environment={"variables": {"TOKEN": hidden("hush-hush")}}, name="a-function"
    )
    (said,) = messages(server(function_has_no_token).Analyze(function, CONTEXT))
    assert said.endswith(
        "has the token [withheld], that is [withheld] [environment.variables.TOKEN]. Take the token out."
    )
    said, crashed = messages(server(role_says_all).AnalyzeStack(stack(function, analyze(ROLE, "r")), CONTEXT))
    assert "serves a-function, which has [withheld]." in said
    assert "ValueError: [withheld] (" in crashed
    short = analyze(FUNCTION, "f", environment={"variables": {"TOKEN": "short"}})
    (said,) = messages(server(function_has_no_token).Analyze(short, CONTEXT))
    assert "has the token short" in said


class Least(Options):
    """The least read capacity."""

    least: int = 5


def leave(properties: dict[str, Any]) -> dict[str, Any]:
    """Leave the process."""
    sys.exit(str(len(properties)))


@rule(on=TABLE, severity=Severity.LOW, level=Level.REMEDIATE, fix="More.", remedy=put("readCapacity", 20))
def table_reads_enough(table: Resource, options: Least) -> Findings:
    """Too little throttles."""
    if table.get("readCapacity", 0) < options.least:
        yield "reads too little", "readCapacity"


@rule(on=TABLE, severity=Severity.LOW, level=Level.REMEDIATE, fix="None.", remedy=leave)
def table_is_protected(table: Resource) -> Findings:
    """Has a remedy that exits."""
    if not table.protect:
        yield "is not protected"


def test_a_remedy_mends_and_keeps_secrets() -> None:
    """What it does not touch stays, unknown or secret, deep in objects and lists."""
    kept: dict[str, Any] = {"tags": {"a": hidden("s"), "b": [hidden(5), UNKNOWN]}, "hashKey": UNKNOWN, "n": None}
    table = analyze(TABLE, "t", readCapacity=hidden(1), **kept)
    made = server(table_is_protected, table_reads_enough)
    (remediated,) = made.Remediate(table, CONTEXT).remediations
    assert remediated.policyName == "table-reads-enough"
    assert remediated.properties == struct({"readCapacity": hidden(20), **kept})
    assert "mandatory table-is-protected" in messages(made.Analyze(table, CONTEXT))[0], "its remedy did not work"
    made.Configure(configure(table_reads_enough=(REMEDIATE, {"least": 100})), CONTEXT)
    assert not made.Remediate(table, CONTEXT).remediations, "the remedy would not be enough"
    assert not made.Remediate(analyze(FUNCTION, "f"), CONTEXT).remediations


@settings(max_examples=60, deadline=None)
@given(resources())
def test_both_servers_mend_the_same(registered: list[analyzer_pb2.AnalyzeRequest]) -> None:
    """Random resources with unknowns, secrets and nesting: the same remedies, with the same outcome."""
    levels = configure(**{each.id.replace("-", "_"): (REMEDIATE, {}) for each in WITH_REMEDY})
    ours = Analyzer(PACK, TODAY)
    ours.ConfigureStack(begin(), CONTEXT)
    theirs = server(*WITH_REMEDY)
    for made in (ours, theirs):
        made.Configure(levels, CONTEXT)
    for each in registered:
        each.type = TABLE
        answers = [made.Remediate(each, CONTEXT).remediations for made in (ours, theirs)]
        outcomes = [[(one.policyName, one.properties) for one in answer] for answer in answers]
        assert outcomes[0] == outcomes[1]
