"""The AWS managed policies whose documents are included."""

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


def test_grants_of_managed_policies() -> None:
    """Their grants are found, with the property that attaches the policy."""
    found = permissions(lambda: role("worker", managed_policy_arns=[OTHER, BASIC]))
    assert found.grants.allows("logs:PutLogEvents")
    assert found.grants.allows("sqs:SendMessage") is None  # the other policy is not included and may allow it
    (grant,) = found.grants.matching("logs:PutLogEvents")
    assert found.at(grant).path == "managedPolicyArns[1]"
    alone = permissions(lambda: role("worker", managed_policy_arns=[BASIC.replace(":aws:", ":aws-cn:", 1)]))
    assert alone.grants.allows("logs:PutLogEvents")
    assert alone.grants.allows("sqs:SendMessage") is False


@pytest.mark.parametrize("name", [*_ACTIONS_ON_ALL_RESOURCES, *_STATEMENTS])
def test_documents_equal_those_of_aws(name: str) -> None:
    """Moto contains the documents as AWS publishes them."""
    published = json.loads(aws_managed_policies_data)[name.rpartition("/")[2]]
    assert published["Path"].strip("/") == name.rpartition("/")[0]
    known = managed_policy_document(f"arn:aws:iam::aws:policy/{name}")
    assert known is not None
    assert allowed(known) == allowed(parse_policy(published["Document"]))


def allowed(known: Document) -> set[tuple[str, str]]:
    """All pairs of action and resource in a document without Deny statements and conditions."""
    assert all(statement.is_allow and not statement.conditions for statement in known.statements)
    return {
        (action.text(), target.text())
        for statement in known.statements
        for action in statement.actions
        for target in statement.resources
    }
