"""Twice the document is at most twice the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.evaluation import evaluate
from policypack.iam.grants import grants_of
from policypack.iam.privilege_escalation import find_escalations
from policypack.iam.requests import make_request
from tests.policypack.iam.counted import steps

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 60


def many_statements(count: int) -> Any:
    """A statement for each of many buckets."""
    return [{"Effect": "Allow", "Action": "s3:Get*", "Resource": f"arn:aws:s3:::b{index}/*"} for index in range(count)]


def many_entries(count: int) -> Any:
    """One statement with many actions on many resources."""
    names = [f"s3:Get{index}*" for index in range(count)]
    return [{"Effect": "Allow", "Action": names, "Resource": [f"arn:aws:s3:::b{index}/*" for index in range(count)]}]


def many_conditions(count: int) -> Any:
    """One statement with many values of many keys."""
    keys = {f"aws:RequestTag/k{index}": ["a", "b"] for index in range(count)}
    return [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": keys}}]


def read(source: Any) -> object:
    """Read the document."""
    return parse_policy(source)


def answer(source: Any) -> object:
    """Answer a request that nothing in the document is about."""
    return evaluate(
        make_request("s3:GetObject", "arn:aws:s3:::other/x"), [AttachedPolicy("policy", parse_policy(source))]
    )


def climb(source: Any) -> object:
    """Find privilege escalations."""
    return list(find_escalations(grants_of([AttachedPolicy("policy", parse_policy(source))])))


@pytest.mark.parametrize("shape", [many_statements, many_entries, many_conditions])
@pytest.mark.parametrize("work", [read, answer, climb])
def test_work_grows_with_the_document(work: Callable[[Any], object], shape: Callable[[int], Any]) -> None:
    """Parsing, evaluation and the search for privilege escalations."""
    small, large = shape(SIZE), shape(2 * SIZE)
    work(large)  # what is remembered from a first time is not counted twice
    work(small)
    assert steps(lambda: work(large)) <= 2.1 * steps(lambda: work(small))
