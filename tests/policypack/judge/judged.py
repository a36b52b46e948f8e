"""One subject, judged by a rule made on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.judge.evaluation import Finding, Judgement, judge
from policypack.model import QUEUE, Resource
from policypack.rule import Findings, Severity, rule
from policypack.testing import resource

if TYPE_CHECKING:
    from collections.abc import Callable

SUBJECT = resource(QUEUE, {"size": 5}, "work")


def judged(body: Callable[[Resource], Findings]) -> Judgement:
    """Judge the subject by a rule that does this."""

    @rule(on=QUEUE, severity=Severity.LOW, fix="Do.")
    def queue_is_fine(queue: Resource) -> Findings:
        """Why."""
        yield from body(queue)

    return judge(queue_is_fine, SUBJECT)


def found(message: str, path: str = "", subject: Resource = SUBJECT) -> Finding:
    """Give a finding."""
    return Finding(message, subject.urn, path)
