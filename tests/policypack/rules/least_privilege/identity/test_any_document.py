"""Every identity rule gives a verdict on any document, in time linear in its size."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from policypack.judge.evaluation import Verdict, judge
from policypack.model import ROLE, ROLE_POLICY, Resource, Stack
from policypack.testing import UNKNOWN, resource
from tests.policypack.iam.line_count import count_lines
from tests.policypack.iam.test_arbitrary_documents import DOCUMENT
from tests.policypack.rules.identity import RULES
from tests.property_tests import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.rule import Rule

SIZE = 60


def stack_of(policy: Any) -> Stack:
    """Give a role with one inline policy."""
    held = resource(ROLE_POLICY, {"policy": policy, "role": "worker", "name": "held"}, "held")
    return Stack([resource(ROLE, {"name": "worker", "assumeRolePolicy": "{}"}, "worker"), held])


def verdicts(rule: Rule, stack: Stack) -> list[Verdict]:
    """Judge every subject and assert that none crashes."""
    subjects: list[Resource] = stack.of_type(*sorted(rule.on))
    judgements = [judge(rule, subject, stack) for subject in subjects]
    assert not [judgement.crash for judgement in judgements if judgement.crash]
    return [judgement.verdict for judgement in judgements]


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(DOCUMENT)
def test_every_rule_has_a_verdict_on_any_document(document: Any) -> None:
    """Documents are random, as objects and as text."""
    stack = stack_of(document)
    for rule in RULES.values():
        assert set(verdicts(rule, stack)) <= {Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED}


@pytest.mark.parametrize(
    "policy",
    [
        "not JSON",
        "null",
        "[]",
        '"text"',
        "{}",
        '{"Statement": []}',
        '{"Statement": [{}]}',
        '{"Statement": {"Effect": "Allow", "Action": "s3", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3"}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:G\\u0000et", "Resource": "arn:aws:s3:::b\\ud800/*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "\U0001f600:*", "Resource": "*"}}',
        "[" * 5_000,
        json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "x" * 1_000_000}}),
        UNKNOWN,
    ],
)
def test_invalid_documents(policy: Any) -> None:
    """An invalid document crashes no rule."""
    stack = stack_of(policy)
    for rule in RULES.values():
        assert set(verdicts(rule, stack)) <= {Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED}


def many_statements(count: int) -> Any:
    """A statement for each of many buckets."""
    return [{"Effect": "Allow", "Action": "s3:Get*", "Resource": f"arn:aws:s3:::b{index}/*"} for index in range(count)]


def many_entries(count: int) -> Any:
    """One statement with many actions on many resources."""
    names = [f"s3:Get{index}*" for index in range(count)]
    return [{"Effect": "Allow", "Action": names, "Resource": [f"arn:aws:s3:::b{index}/*" for index in range(count)]}]


def many_denials(count: int) -> Any:
    """Many Deny statements and one Allow statement."""
    denied = [{"Effect": "Deny", "Action": f"s3:Put{index}*", "Resource": "*"} for index in range(count)]
    return [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, *denied]


@pytest.mark.parametrize("shape", [many_statements, many_entries, many_denials])
@pytest.mark.parametrize("rule", sorted(RULES))
def test_work_grows_with_the_document(rule: str, shape: Callable[[int], Any]) -> None:
    """Doubling the document at most doubles the work, counted in lines that are run."""
    small, large = (json.dumps({"Statement": shape(count)}) for count in (SIZE, 2 * SIZE))
    for policy in (large, small):
        verdicts(RULES[rule], stack_of(policy))  # fill the caches before counting
    once, twice = (count_lines(partial(verdicts, RULES[rule], stack_of(policy))) for policy in (small, large))
    assert twice < 2.6 * once + 4_000
