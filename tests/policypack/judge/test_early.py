"""Early rules on stacks where many share one role: every pair is seen, and the work stays linear."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from policypack.host.analyzer import Analyzer
from policypack.judge import early
from policypack.judge.early import CROWD, NEIGHBOURS
from policypack.model import FUNCTION, MODEL, ROLE
from tests.policypack.host.calls import Context, analyze, begin, messages
from tests.policypack.host.rules import PACK

CONTEXT: Any = Context()
ARN = "arn:aws:iam::123456789012:role/shared-1"


@pytest.fixture
def updating() -> Analyzer:
    """An analyzer in an update that has seen one role."""
    made = Analyzer(PACK, dt.date(2026, 11, 24))
    made.ConfigureStack(begin(preview=False), CONTEXT)
    made.Analyze(analyze(ROLE, "shared", name="shared-1"), CONTEXT)
    return made


def test_a_model_is_stopped_at_a_role_that_a_crowd_of_functions_has(updating: Analyzer) -> None:
    """However many there are, the first of another kind is judged."""
    for number in range(3 * CROWD):
        assert messages(updating.Analyze(analyze(FUNCTION, f"f{number}", role=ARN), CONTEXT)) == []
    said = messages(updating.Analyze(analyze(MODEL, "model", executionRoleArn=ARN), CONTEXT))
    assert said[0].startswith("mandatory model-role-is-its-own: model: shares its role with f0.")


def test_judgements_grow_with_the_resources(updating: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand models on one role: each is judged a bounded number of times while there is no crowd, then not."""
    judged = 0
    completes = early.completes

    def counted(*given: Any) -> Any:
        nonlocal judged
        for pair in completes(*given):
            judged += 1
            yield pair

    monkeypatch.setattr("policypack.judge.stack_judge.completes", counted)
    for number in range(1_000):
        updating.Analyze(analyze(MODEL, f"m{number}", executionRoleArn=ARN), CONTEXT)
    assert 0 < judged <= (CROWD + 1) * (NEIGHBOURS + 1)
