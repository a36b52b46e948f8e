"""A rule that fails: it costs one verdict, and says where it failed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from policypack.judge.evaluation import Verdict, judge
from policypack.model import QUEUE, Resource, Unknown
from policypack.rule import Findings, Severity, rule
from tests.policypack.judge.judged import SUBJECT, found, judged

if TYPE_CHECKING:
    from collections.abc import Callable


def exits(_: Resource) -> Findings:
    """Leave the process, as a script would."""
    yield "is large"
    sys.exit(3)


def divides(_: Resource) -> Findings:
    """Fail within Python."""
    yield "is large"
    raise ZeroDivisionError("division\nby zero")


def stops(_: Resource) -> Findings:
    """End a generator that is not one's own."""
    yield "is large"
    next(iter(()))


def complains(_: Resource) -> Findings:
    """Raise something that has no text."""
    yield "is large"
    raise ValueError(Unknown("arn"))


def asserts(queue: Resource) -> Findings:
    """Trust the program."""
    yield "is large"
    assert queue.get("size") == 4


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (exits, "SystemExit: 3"),
        (divides, "ZeroDivisionError: division by zero"),
        (stops, "RuntimeError"),
        (asserts, ""),
    ],
)
def test_a_crash_costs_one_verdict(body: Callable[[Resource], Findings], says: str) -> None:
    """It is described in one line with its place, and what was found before it is kept."""
    judgement = judged(body)
    assert judgement.verdict is Verdict.CRASHED
    assert judgement.findings == (found("is large"),)
    assert says in judgement.crash
    assert str(Path(__file__).parent) in judgement.crash  # here, or where the body is run
    assert "\n" not in judgement.crash


def test_a_crash_has_an_end() -> None:
    """However much an exception has to say."""

    def body(_: Resource) -> Findings:
        raise ValueError("x" * 100_000)
        yield

    assert len(judged(body).crash) < 1000


@pytest.mark.parametrize("odd", [None, 5, ("a",), ("a", "b", "c"), [], {"message": "x"}, ("a", 5), (5, "a")])
def test_a_rule_that_yields_something_else_has_crashed(odd: Any) -> None:
    """A fault of the rule is never a verdict about the program."""
    assert judged(lambda _: iter((odd,))).verdict is Verdict.CRASHED


def test_a_rule_that_returns_no_iterator_has_crashed() -> None:
    """A rule written without `yield` says so."""

    @rule(on=QUEUE, severity=Severity.LOW, fix="Do.")
    def queue_is_fine(queue: Resource) -> Findings:
        """Why."""
        return queue.get("missing")  # type: ignore[no-any-return] # the fault is the point

    assert judge(queue_is_fine, SUBJECT).verdict is Verdict.CRASHED


def test_who_interrupts_is_obeyed() -> None:
    """Control-C is no fault of the rule."""

    def body(_: Resource) -> Findings:
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        judged(body)


def test_another_type_error_is_a_crash() -> None:
    """Also where an unknown is somewhere in the stack."""

    def body(queue: Resource) -> Findings:
        yield "a" + queue.get("size")

    assert judged(body).verdict is Verdict.CRASHED
