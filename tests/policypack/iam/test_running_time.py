"""The running time grows at most linearly with the size of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.evaluation import evaluate
from policypack.iam.grants import grants_of
from policypack.iam.privilege_escalation import find_escalations
from policypack.iam.requests import make_request
from tests.policypack.iam.line_count import count_lines

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 60


def many_statements(count: int) -> Any:
    """One statement for each of many buckets."""
    return [{"Effect": "Allow", "Action": "s3:Get*", "Resource": f"arn:aws:s3:::b{index}/*"} for index in range(count)]


def many_entries(count: int) -> Any:
    """One statement with many actions on many resources."""
    names = [f"s3:Get{index}*" for index in range(count)]
    return [{"Effect": "Allow", "Action": names, "Resource": [f"arn:aws:s3:::b{index}/*" for index in range(count)]}]


def many_conditions(count: int) -> Any:
    """One statement with many values of many keys."""
    keys = {f"aws:RequestTag/k{index}": ["a", "b"] for index in range(count)}
    return [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": keys}}]


def parse(source: Any) -> object:
    """Parse the document."""
    return parse_policy(source)


def evaluate_request(source: Any) -> object:
    """Evaluate a request that no statement of the document matches."""
    return evaluate(
        make_request("s3:GetObject", "arn:aws:s3:::other/x"), [AttachedPolicy("policy", parse_policy(source))]
    )


def find_privilege_escalations(source: Any) -> object:
    """Find privilege escalations."""
    return list(find_escalations(grants_of([AttachedPolicy("policy", parse_policy(source))])))


@pytest.mark.parametrize("shape", [many_statements, many_entries, many_conditions])
@pytest.mark.parametrize("work", [parse, evaluate_request, find_privilege_escalations])
def test_running_time_grows_linearly_with_the_document(
    work: Callable[[Any], object], shape: Callable[[int], Any]
) -> None:
    """A document of twice the size takes at most 2.1 times the executed lines to parse, evaluate and search."""
    small, large = shape(SIZE), shape(2 * SIZE)
    work(large)  # fill the caches, so that they do not affect the counts
    work(small)
    assert count_lines(lambda: work(large)) <= 2.1 * count_lines(lambda: work(small))
