"""Examples of rules: a parametrisation that remembers which verdicts it shows of which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.judge.evaluation import Verdict
    from policypack.rule import Rule

SHOWN: dict[str, set[Verdict]] = {}
"""The verdicts that examples show, by rule id. The tests themselves assert that the examples are right."""


def examples(rule: Rule, names: str, cases: Sequence[tuple[Any, ...]]) -> pytest.MarkDecorator:
    """Parametrise a test over examples of a rule: values under `names`, and last the verdict."""
    SHOWN.setdefault(rule.id, set()).update(case[-1] for case in cases)
    return pytest.mark.parametrize((*(name.strip() for name in names.split(",")), "verdict"), cases)
