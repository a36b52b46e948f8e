"""Evaluation: one rule, one subject, one verdict, whatever the rule does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from policypack.judge.evaluation import Finding, Judgement, Verdict, judge
from policypack.model import QUEUE, Resource, Stack, Undecided, Unknown
from policypack.rule import Fault, Findings, Options, Severity, rule
from policypack.testing import UNKNOWN, judgements, program, resource
from tests.policypack.judge.judged import SUBJECT, found, judged
from tests.policypack.rules.programs import table

if TYPE_CHECKING:
    from collections.abc import Callable

OTHER = resource(QUEUE, {"size": 9}, "other")


class Sizes(Options):
    """Options with a default."""

    largest: int = 4


def test_a_rule_that_finds_nothing_passes() -> None:
    """Whether it returns or runs to its end."""
    assert judged(lambda _: iter(())) == Judgement(Verdict.PASS)


def test_findings_say_what_and_where() -> None:
    """As a whole, at a property, at a property of another resource."""

    def body(queue: Resource) -> Findings:
        yield "is large"
        yield "is too large", "size"
        yield "is larger", OTHER.at("size")
        yield f"is {queue.get('size')}", queue.at()

    judgement = judged(body)
    assert judgement.verdict is Verdict.FAIL
    assert judgement.findings == (
        found("is large"),
        found("is too large", "size"),
        found("is larger", "size", OTHER),
        found("is 5"),
    )


def test_a_finding_may_have_its_own_fix_and_a_higher_severity_than_its_rule() -> None:
    """Where the change to make differs from place to place."""

    def body(queue: Resource) -> Findings:
        yield Fault("is large", "size", fix="Set it to 4.")
        yield Fault("is huge", queue.at("size"), severity=Severity.CRITICAL)

    assert judged(body).findings == (
        Finding("is large", SUBJECT.urn, "size", "Set it to 4."),
        Finding("is huge", SUBJECT.urn, "size", "", Severity.CRITICAL),
    )


def test_an_unknown_leaves_the_rule_undecided() -> None:
    """Raised by a look, or by the rule itself."""

    def body(_: Resource) -> Findings:
        raise Undecided("arn")
        yield

    assert judged(body) == Judgement(Verdict.UNDECIDED, unknown="arn")


def test_what_was_found_before_an_unknown_is_kept() -> None:
    """A known fault is a fault, whatever else there may be."""

    def body(_: Resource) -> Findings:
        yield "is large", "size"
        raise Undecided("arn")

    assert judged(body) == Judgement(Verdict.FAIL, (found("is large", "size"),), unknown="arn")


def test_a_rule_may_go_on_behind_an_unknown() -> None:
    """It yields what it cannot tell, and the first of several is named."""

    def body(_: Resource) -> Findings:
        yield Undecided("first")
        yield Undecided("second")
        yield "is large", "size"

    assert judged(body) == Judgement(Verdict.FAIL, (found("is large", "size"),), unknown="first")
    assert judged(lambda _: iter((Undecided("first"),))) == Judgement(Verdict.UNDECIDED, unknown="first")


@rule(on=QUEUE, severity=Severity.LOW, fix="Do.")
def queue_is_small(queue: Resource, stack: Stack, options: Sizes) -> Findings:
    """Why."""
    if queue.get("size") > options.largest:
        yield f"is larger than {options.largest}, beside {len(stack.resources) - 1}"


def test_a_rule_gets_what_its_signature_names() -> None:
    """The stack, and options: those given, else their defaults."""
    stack = Stack([SUBJECT, OTHER])
    assert judge(queue_is_small, SUBJECT, stack).findings == (found("is larger than 4, beside 1"),)
    assert judge(queue_is_small, SUBJECT, stack, Sizes(largest=5)).verdict is Verdict.PASS


@rule(on="aws:dynamodb/table:Table", severity=Severity.LOW, fix="Do.")
def table_is_on_demand(table: Resource) -> Findings:
    """Why."""
    if table.get("billingMode") == "PROVISIONED":
        yield "is provisioned"


def test_one_unknown_hides_no_other_subjects_verdict() -> None:
    """Each subject is judged for itself."""

    def build() -> None:
        table("known", billing_mode="PROVISIONED")
        table("unknown", billing_mode=UNKNOWN)

    verdicts = {name: each.verdict for name, each in judgements(table_is_on_demand, program(build)).items()}
    assert verdicts == {"known": Verdict.FAIL, "unknown": Verdict.UNDECIDED}


@pytest.mark.parametrize("look", [json.loads, re.compile("a").fullmatch, int, "".join, sum])
def test_an_unknown_in_the_hands_of_code_in_c_leaves_the_rule_undecided(look: Callable[[Any], object]) -> None:
    """Such code refuses the unknown by its type, before the unknown is looked at."""
    unknown = Unknown("policy")

    @rule(on=QUEUE, severity=Severity.LOW, fix="Do.")
    def queue_is_readable(queue: Resource) -> Findings:
        """Why."""
        value = unknown if queue.name else None
        look(value)
        yield "is read"

    assert judge(queue_is_readable, SUBJECT) == Judgement(Verdict.UNDECIDED, unknown="policy")
