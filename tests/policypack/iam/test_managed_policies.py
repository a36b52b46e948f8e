"""Policies that AWS manages: those that are known, and what they grant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policypack.iam.documents import parse_policy
from policypack.iam.managed_policies import _ACTIONS_ON_ALL_RESOURCES, _STATEMENTS, managed_policy_document
from tests.policypack.access.permissions import BASIC, OTHER, permissions
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from policypack.iam.elements import Document


def test_common_policies_of_aws_are_known() -> None:
    """What they grant is found, and where they are named."""
    found = permissions(lambda: role("worker", managed_policy_arns=[OTHER, BASIC]))
    assert found.grants.allows("logs:PutLogEvents")
    assert found.grants.allows("sqs:SendMessage") is None  # the other one may allow it
    (reach,) = found.grants.matching("logs:PutLogEvents")
    assert found.at(reach).path == "managedPolicyArns[1]"
    alone = permissions(lambda: role("worker", managed_policy_arns=[BASIC.replace(":aws:", ":aws-cn:", 1)]))
    assert alone.grants.allows("logs:PutLogEvents")
    assert alone.grants.allows("sqs:SendMessage") is False


@pytest.mark.parametrize("name", [*_ACTIONS_ON_ALL_RESOURCES, *_STATEMENTS])
def test_they_are_what_aws_publishes(name: str) -> None:
    """The emulator of AWS that tests use has AWS's own texts."""
    published = json.loads(aws_managed_policies_data)[name.rpartition("/")[2]]
    assert published["Path"].strip("/") == name.rpartition("/")[0]
    known = managed_policy_document(f"arn:aws:iam::aws:policy/{name}")
    assert known is not None
    assert allowed(known) == allowed(parse_policy(published["Document"]))


def allowed(known: Document) -> set[tuple[str, str]]:
    """All pairs of an action and a resource in a document's statements, none of which deny or have conditions."""
    assert all(statement.is_allow and not statement.conditions for statement in known.statements)
    return {
        (action.text(), target.text())
        for statement in known.statements
        for action in statement.actions
        for target in statement.resources
    }
