"""Twice the roles are twice the work, whatever they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.workload.roles import SHAPES
from policypack.judge.evaluation import Verdict, judge
from policypack.model import Stack
from policypack.pack import PACK
from tests.policypack.iam.line_count import count_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policypack.model import Resource

FEW = 12
RULES = [rule for rule in PACK.rules if rule.concern == "least_privilege"]


def judged(resources: list[Resource]) -> None:
    """Judge a stack of these resources by every rule about least privilege."""
    stack = Stack(resources)
    for rule in RULES:
        for subject in stack.of_type(*sorted(rule.on)):
            judgement = judge(rule, subject, stack)
            assert judgement.verdict is not Verdict.CRASHED, (rule.id, judgement.crash)


@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_with_the_roles(shape: Callable[[int], Iterator[Resource]]) -> None:
    """No rule looks at all roles for each of them."""
    few, many = list(shape(FEW)), list(shape(4 * FEW))
    judged(many)  # what is remembered from a first time is not counted twice
    judged(few)
    assert count_lines(lambda: judged(many)) <= 4.6 * count_lines(lambda: judged(few))


def test_workers_with_what_they_need_break_no_rule() -> None:
    """The commonest shape of all is right."""
    stack = Stack(list(SHAPES[0](3)))
    broken = {
        (rule.id, judge(rule, subject, stack).verdict)
        for rule in RULES
        for subject in stack.of_type(*sorted(rule.on))
        if judge(rule, subject, stack).verdict is not Verdict.PASS
    }
    assert broken == set()
