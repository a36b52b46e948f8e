"""The permissions of roles, by whatever resource a program attaches their policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.access.role_grants import documents_of, grants_of
from policypack.testing import UNKNOWN, program
from tests.policypack.access.permissions import BASIC, SEND, permissions, the
from tests.policypack.rules.policies import QUEUE, allow, document, inline, text
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from collections.abc import Callable


PURGE = text(document(allow("sqs:PurgeQueue")))


def in_the_role() -> None:
    """Build a role with a document of its own."""
    role("worker", inline_policies=[inline(SEND)])


def by_name() -> None:
    """Build an inline policy that names its role."""
    aws.iam.RolePolicy("held", role=role("worker").name, policy=SEND)


def by_id() -> None:
    """Build an inline policy whose role is unknown, with one dependency."""
    aws.iam.RolePolicy("held", role=role("worker").id, policy=SEND)


def attached() -> None:
    """Build a managed policy that is attached by an unknown ARN."""
    policy = aws.iam.Policy("held", policy=SEND)
    aws.iam.RolePolicyAttachment("attachment", role=role("worker").name, policy_arn=policy.arn)


def attached_by_arn() -> None:
    """Build a managed policy that is attached by an ARN that contains its name."""
    policy = aws.iam.Policy("held", policy=SEND)
    arn = pulumi.Output.concat("arn:aws:iam::123456789012:policy/", policy.name)
    aws.iam.RolePolicyAttachment("attachment", role=role("worker").name, policy_arn=arn)


def attached_to_many() -> None:
    """Build a managed policy that is attached to several roles at once."""
    policy = aws.iam.Policy("held", policy=SEND)
    aws.iam.PolicyAttachment("attachment", policy_arn=policy.arn, roles=[role("other").name, role("worker").id])


def in_a_list() -> None:
    """Build a role that lists its managed policies, one of them AWS managed."""
    role("worker", managed_policy_arns=[aws.iam.Policy("held", policy=SEND).arn])


def exclusive() -> None:
    """Build the list of a role's managed policies as a resource."""
    policy = aws.iam.Policy("held", policy=SEND)
    aws.iam.RolePolicyAttachmentsExclusive("list", role_name=role("worker").name, policy_arns=[policy.arn])


PLACES = [in_the_role, by_name, by_id, attached, attached_by_arn, attached_to_many, in_a_list, exclusive]


@pytest.mark.parametrize("build", PLACES)
def test_a_document_counts_however_it_is_attached(build: Callable[[], None]) -> None:
    """The role is granted what the document allows and nothing else, and the place of the grant is known."""
    found = permissions(build)
    (held,) = found.documents
    assert held.known
    assert found.grants.allows("sqs:SendMessage", QUEUE)
    assert found.grants.allows("sqs:PurgeQueue", QUEUE) is False
    (grant,) = found.grants.grants
    (reach,) = found.grants.effective_grants()
    path = "inlinePolicies[0].policy" if build is in_the_role else "policy"
    assert found.at(grant).path == f"{path}.Statement[0].Action"
    assert found.at(reach).path == f"{path}.Statement[0].Resource"
    assert found.at(reach, "Condition").path == f"{path}.Statement[0].Condition"
    assert found.at(grant).resource.name == ("worker" if build is in_the_role else "held")


@pytest.mark.parametrize("build", PLACES)
def test_a_document_of_another_role_does_not_count(build: Callable[[], None]) -> None:
    """It is attached to another role only."""

    def with_another() -> None:
        role("stranger")
        build()

    stack = program(with_another)
    assert documents_of(stack, the(stack, "stranger")) == ()
    assert grants_of(stack, the(stack, "stranger")).allows("sqs:SendMessage") is False


def test_a_policy_that_is_attached_twice_counts_once() -> None:
    """The provider reads into the role what other resources attach to it."""

    def build() -> None:
        policy = aws.iam.Policy("held", policy=SEND)
        worker = role("worker", inline_policies=[inline(PURGE)], managed_policy_arns=[policy.arn, BASIC])
        aws.iam.RolePolicy("again", name="work", role=worker.name, policy=PURGE)
        aws.iam.RolePolicyAttachment("attachment", role=worker.name, policy_arn=policy.arn)
        aws.iam.RolePolicyAttachment("aws", role=worker.name, policy_arn=BASIC)
        aws.iam.RolePoliciesExclusive("list", role_name=worker.name, policy_names=["work"])

    names = [held.name for held in permissions(build).documents]
    assert names == ["inline policy again", "policy held", "managed policy AWSLambdaBasicExecutionRole"]


def test_two_documents_may_have_the_same_name() -> None:
    """A grant points at the document that contains it."""

    def build() -> None:
        worker = role("worker", inline_policies=[inline(SEND)])
        aws.iam.RolePolicy("work", role=worker.name, policy=PURGE)

    found = permissions(build)
    assert len({held.name for held in found.documents}) == 2
    (purge,) = found.grants.matching("sqs:PurgeQueue")
    assert (found.at(purge).resource.name, found.at(purge).path) == ("work", "policy.Statement[0].Resource")


def test_documents_are_evaluated_together() -> None:
    """A Deny in one document limits another."""

    def build() -> None:
        worker = role("worker", inline_policies=[inline(text(document(allow("sqs:*"))))])
        deny = {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}
        aws.iam.RolePolicy("limits", role=worker.name, policy=text(document(deny)))

    may = permissions(build).grants.allows
    assert (may("sqs:SendMessage", QUEUE), may("sqs:PurgeQueue", QUEUE)) == (True, False)


def bounded(boundary: Any) -> Callable[[], None]:
    """Build a role that is allowed all actions on queues, with a permissions boundary."""

    def build() -> None:
        arn = boundary if isinstance(boundary, str) else aws.iam.Policy("limit", policy=json.dumps(boundary)).arn
        role("worker", inline_policies=[inline(text(document(allow("sqs:*"))))], permissions_boundary=arn)

    return build


@pytest.mark.parametrize(
    ("boundary", "send", "purge"),
    [
        (document(allow("sqs:SendMessage", "*")), True, False),
        (document(allow("s3:*", "*")), False, False),
        (document(allow("*", "*"), {"Effect": "Deny", "Action": "sqs:Purge*", "Resource": "*"}), True, False),
        ("arn:aws:iam::aws:policy/PowerUserAccess", None, None),  # somewhere else
        ("arn:aws:iam::aws:policy/AdministratorAccess", True, True),  # somewhere else, but known
        (UNKNOWN, None, None),
        ("", True, True),  # how a provider writes none
    ],
)
def test_a_boundary_is_respected(boundary: Any, send: bool | None, purge: bool | None) -> None:
    """What the boundary does not allow is not granted."""
    may = permissions(bounded(boundary)).grants.allows
    assert (may("sqs:SendMessage", QUEUE), may("sqs:PurgeQueue", QUEUE)) == (send, purge)


def test_conditions_are_kept() -> None:
    """A grant has the conditions of its statement."""
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}

    def build() -> None:
        role("worker", inline_policies=[inline(text(document(allow("sqs:SendMessage", Condition=condition))))])

    (reach,) = permissions(build).grants.effective_grants()
    assert [condition.key for condition in reach.conditions] == ["aws:RequestedRegion"]
