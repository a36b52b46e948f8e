"""Policies that AWS manages: those that are known, and what they grant."""

from __future__ import annotations

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policypack.iam.documents import Document, parse
from policypack.iam.managed_policies import _ON_EVERYTHING, _OTHERS, document_of
from tests.policypack.access.rights import BASIC, OTHER, rights
from tests.policypack.rules.programs import role


def test_common_policies_of_aws_are_known() -> None:
    """What they grant is found, and where they are named."""
    found = rights(lambda: role("worker", managed_policy_arns=[OTHER, BASIC]))
    assert found.grants.may("logs:PutLogEvents")
    assert found.grants.may("sqs:SendMessage") is None  # the other one may allow it
    (reach,) = found.grants.reach("logs:PutLogEvents")
    assert found.at(reach).path == "managedPolicyArns[1]"
    alone = rights(lambda: role("worker", managed_policy_arns=[BASIC.replace(":aws:", ":aws-cn:", 1)]))
    assert alone.grants.may("logs:PutLogEvents")
    assert alone.grants.may("sqs:SendMessage") is False


@pytest.mark.parametrize("name", [*_ON_EVERYTHING, *_OTHERS])
def test_they_are_what_aws_publishes(name: str) -> None:
    """The emulator of AWS that tests use has AWS's own texts."""
    published = json.loads(aws_managed_policies_data)[name.rpartition("/")[2]]
    assert published["Path"].strip("/") == name.rpartition("/")[0]
    known = document_of(f"arn:aws:iam::aws:policy/{name}")
    assert known is not None
    assert allowed(known) == allowed(parse(published["Document"]))


def allowed(known: Document) -> set[tuple[str, str]]:
    """All pairs of an action and a resource in a document's statements, none of which deny or have conditions."""
    assert all(statement.allows and not statement.conditions for statement in known.statements)
    return {
        (action.text(), target.text())
        for statement in known.statements
        for action in statement.actions
        for target in statement.resources
    }
