"""Grants that are too wide stop the resource that brings them, in an update without a preview."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from policypack.host.analyzer import Analyzer
from policypack.model import POLICY, ROLE, ROLE_POLICY
from policypack.pack import PACK
from tests.policypack.host.calls import Context, analyze, begin, messages

CONTEXT: Any = Context()
RULES = {"role-has-no-wildcard-action", "role-has-no-wildcard-resource"}
ALLOW = {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:eu-west-1:123456789012:work"}
DENY = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}


def document(*statements: dict[str, str]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def stopped(type_: str, *, bound: dict[str, Any] | None = None, **properties: Any) -> set[str]:
    """Which of the star rules stop a resource that registers after a role `work`."""
    analyzer = Analyzer(PACK, dt.date(2026, 11, 24))
    analyzer.ConfigureStack(begin(preview=False), CONTEXT)
    analyzer.Analyze(analyze(ROLE, "work", name="work-1", **(bound or {})), CONTEXT)
    said = messages(analyzer.Analyze(analyze(type_, "it", **properties), CONTEXT))
    return {line.split(":")[0].removeprefix("mandatory ") for line in said} & RULES


@pytest.mark.parametrize(
    ("type_", "properties", "rules"),
    [
        (ROLE_POLICY, {"role": "work-1", "policy": document(ALLOW)}, {"role-has-no-wildcard-action"}),
        (ROLE_POLICY, {"role": "work-1", "policy": document({**ALLOW, "Action": "*", "Resource": "*"})}, RULES),
        (ROLE, {"name": "it", "inlinePolicies": [{"policy": document(ALLOW)}]}, {"role-has-no-wildcard-action"}),
        # denied beside it, so granted nowhere
        (ROLE_POLICY, {"role": "work-1", "policy": document(ALLOW, DENY)}, set()),
        # nobody of this stack: the final pass judges it
        (ROLE_POLICY, {"role": "somebody-else", "policy": document(ALLOW)}, set()),
        # may become a boundary yet
        (POLICY, {"policy": document(ALLOW)}, set()),
    ],
)
def test_a_document_that_no_later_resource_can_correct(type_: str, properties: dict[str, Any], rules: set[str]) -> None:
    """Of the roles' own documents, those that allow too much as they stand."""
    assert stopped(type_, **properties) == rules


def test_a_role_with_a_boundary_waits_for_the_whole_stack() -> None:
    """What it may do in effect cannot be told from its documents alone."""
    policy: dict[str, Any] = {"role": "work-1", "policy": document(ALLOW)}
    assert stopped(ROLE_POLICY, **policy) == {"role-has-no-wildcard-action"}
    bounded = {"permissionsBoundary": "arn:aws:iam::123456789012:policy/limits"}
    assert stopped(ROLE_POLICY, bound=bounded, **policy) == set()
