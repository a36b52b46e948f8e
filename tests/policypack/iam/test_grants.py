"""The effective grants of a principal with several policies and a permissions boundary."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.grants import Grants, grants_of
from policypack.model import Unknown

WORK = "arn:aws:sqs:eu-west-1:123456789012:work"
OTHER = "arn:aws:sqs:eu-west-1:123456789012:other"
RECEIVE = "sqs:ReceiveMessage"


def statement(effect: str, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """One statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def grants(*documents: Any, boundary: Any = None) -> Grants:
    """The grants of several documents, each given as a document or a list of statements."""
    attached = [AttachedPolicy(f"document {index}", parse_policy(item)) for index, item in enumerate(documents)]
    return grants_of(attached, None if boundary is None else [AttachedPolicy("boundary", parse_policy(boundary))])


ON_WORK = statement("Allow", "sqs:*", WORK)
ALL = statement("Allow", "*")
ELSE = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
OVER_TLS = {"Bool": {"aws:SecureTransport": "true"}}


@pytest.mark.parametrize(
    ("documents", "action", "resource", "allowed"),
    [
        ([[ON_WORK]], RECEIVE, WORK, True),
        ([[ON_WORK]], "SQS:receivemessage", None, True),
        ([[ON_WORK]], RECEIVE, OTHER, False),
        ([[ON_WORK]], "sns:Publish", None, False),
        ([[ON_WORK]], RECEIVE, "arn:aws:sqs:*:*:*", True),
        ([[ON_WORK]], "sqs:Delete*", WORK, True),
        ([], RECEIVE, None, False),
        # the documents of a principal are combined
        ([[statement("Allow", "sqs:Get*", WORK)], [statement("Allow", RECEIVE, WORK)]], RECEIVE, WORK, True),
        # an unconditional denial removes grants of all documents
        ([[ON_WORK], [statement("Deny", "sqs:*")]], RECEIVE, WORK, False),
        ([[ON_WORK, statement("Deny", RECEIVE, WORK)]], RECEIVE, WORK, False),
        ([[ON_WORK, statement("Deny", RECEIVE, WORK)]], "sqs:SendMessage", WORK, True),
        ([[ON_WORK, statement("Deny", RECEIVE, OTHER)]], RECEIVE, WORK, True),
        ([[ALL, statement("Deny", RECEIVE, WORK)]], RECEIVE, None, True),
        ([[ALL, {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}]], "iam:PassRole", None, False),
        ([[ALL, {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}]], RECEIVE, None, True),
        ([[ALL, {"Effect": "Deny", "Action": "sqs:*", "NotResource": WORK}]], RECEIVE, OTHER, False),
        ([[ALL, {"Effect": "Deny", "Action": "sqs:*", "NotResource": WORK}]], RECEIVE, WORK, True),
        # a conditional denial may not apply to the request
        ([[ON_WORK, statement("Deny", "sqs:*", Condition=OVER_TLS)]], RECEIVE, WORK, True),
        # the conditions of a grant are kept and not evaluated
        ([[ON_WORK | {"Condition": OVER_TLS}]], RECEIVE, WORK, True),
        # NotAction and NotResource
        ([[ELSE]], RECEIVE, None, True),
        ([[ELSE]], "iam:PassRole", None, False),
        ([[ELSE]], "iam:Pass*", None, False),
        ([[{"Effect": "Allow", "Action": "sqs:*", "NotResource": WORK}]], RECEIVE, OTHER, True),
        ([[{"Effect": "Allow", "Action": "sqs:*", "NotResource": WORK}]], RECEIVE, WORK, False),
        # unknown parts
        ([Unknown("policy")], RECEIVE, WORK, None),
        ([[ON_WORK], Unknown("policy")], RECEIVE, WORK, True),
        ([[statement("Allow", "sqs:*", Unknown("queue.arn"))]], RECEIVE, WORK, None),
        ([[statement("Allow", "sqs:*", Unknown("queue.arn"))]], "sns:Publish", None, False),
        ([[statement("Allow", Unknown("action"))]], RECEIVE, WORK, None),
        ([[ON_WORK, statement("Deny", "sqs:*", Unknown("queue.arn"))]], RECEIVE, WORK, None),
        ([[ON_WORK, statement("Deny", "sns:*", Unknown("topic.arn"))]], RECEIVE, WORK, True),
        (["nonsense"], RECEIVE, WORK, None),
    ],
)
def test_allows(documents: list[Any], action: str, resource: str | None, allowed: bool | None) -> None:
    """Whether the principal may do an action on a resource if all conditions are met."""
    assert grants(*documents).allows(action, resource) is allowed


@pytest.mark.parametrize(
    ("boundary", "allowed"),
    [
        ([ALL], True),
        ([statement("Allow", "sqs:Receive*", "arn:aws:sqs:*:123456789012:*")], True),
        ([statement("Allow", "sqs:Send*")], False),
        ([statement("Allow", "sqs:*", OTHER)], False),
        ([ALL, statement("Deny", "sqs:*")], False),
        (Unknown("boundary"), None),
        ([statement("Allow", "sqs:*", Unknown("queue.arn"))], None),
    ],
)
def test_permissions_boundary(boundary: Any, allowed: bool | None) -> None:
    """Policies and boundary must both allow an action. The boundary grants nothing by itself."""
    assert grants([ON_WORK], boundary=boundary).allows(RECEIVE, WORK) is allowed
    assert grants(boundary=boundary).allows(RECEIVE, WORK) is False


def rows(found: Grants) -> list[tuple[str, str | None, str]]:
    """Action, resource and place of each effective grant."""
    return [(effective.action, effective.resource, effective.place) for effective in found.effective_grants()]


def test_effective_grants_name_their_source() -> None:
    """Each action with each resource and its place in the document, except what is completely denied."""
    found = grants(
        [statement("Allow", ["sqs:SendMessage", "sns:Publish"], [WORK, OTHER])],
        [statement("Deny", "sns:*"), statement("Deny", "sqs:*", OTHER)],
    )
    assert rows(found) == [("sqs:SendMessage", WORK, "Statement[0].Resource[0]")]
    (effective,) = found.effective_grants()
    assert (effective.grant.document, effective.grant.place) == ("document 0", "Statement[0].Action[0]")


def test_a_boundary_narrows_effective_grants() -> None:
    """The narrower of grant and boundary is effective, and the conditions of both apply."""
    inner = statement("Allow", "sqs:*", "arn:aws:sqs:*:123456789012:*", Condition=OVER_TLS)
    found = grants([ALL, ON_WORK], boundary=[inner])
    assert {(action, resource) for action, resource, _ in rows(found)} == {
        ("sqs:*", "arn:aws:sqs:*:123456789012:*"),
        ("sqs:*", WORK),
    }
    assert all(len(effective.conditions) == 1 for effective in found.effective_grants())


def test_partial_denials() -> None:
    """Denials that remove a part of a grant are listed."""
    found = grants([ON_WORK, statement("Deny", "sqs:DeleteQueue"), statement("Deny", "s3:*")])
    (effective,) = found.effective_grants()
    assert [denial.statement.index for denial in found.partial_denials(effective)] == [1]


def test_effective_grants_are_narrowed_to_the_query() -> None:
    """If the query has patterns, the effective grants include only what query and grant both match."""
    (effective,) = grants([statement("Allow", "sqs:*", "*")]).matching("sqs:Receive*", WORK)
    assert (effective.action, effective.resource) == ("sqs:Receive*", WORK)
    (effective,) = grants([statement("Allow", RECEIVE, WORK)]).matching("sqs:*", "arn:aws:sqs:*:*:*")
    assert (effective.action, effective.resource) == (RECEIVE, WORK)
