"""Grants are unknown where a document, its role, or an attachment is unknown or not in the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws
import pytest

from policypack.access.role_grants import grants_of
from policypack.testing import UNKNOWN, program
from tests.policypack.access.permissions import OTHER, SEND, permissions, the
from tests.policypack.rules.policies import QUEUE
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from collections.abc import Callable


def of_a_role_elsewhere() -> None:
    """Build a policy for a role that is not in the program."""
    role("worker")
    aws.iam.RolePolicy("held", role="somebody-else", policy=SEND)


def of_aws() -> None:
    """Build a role with an AWS managed policy, and a policy of the stack with the same name."""
    aws.iam.Policy("held", name="AWSAppRunnerServicePolicyForECRAccess", policy=SEND)
    role("worker", managed_policy_arns=[OTHER])


def of_the_account() -> None:
    """Build a role with a policy of the account that is not in the program."""
    aws.iam.Policy("held", name="work", policy=SEND)
    role("worker", managed_policy_arns=["arn:aws:iam::123456789012:policy/other"])


def document_open() -> None:
    """Build a policy whose document is unknown."""
    aws.iam.RolePolicy("held", role=role("worker").name, policy=UNKNOWN)


def role_open() -> None:
    """Build a policy whose role is unknown."""
    role("worker")
    aws.iam.RolePolicy("held", role=UNKNOWN, policy=SEND)


def policies_open() -> None:
    """Build a role whose managed policies are unknown."""
    role("worker", managed_policy_arns=UNKNOWN)


def inline_open() -> None:
    """Build a role whose inline policies are unknown."""
    role("worker", inline_policies=UNKNOWN)


def one_of_two() -> None:
    """Build a policy for one of two roles."""
    one, other = role("worker"), role("other")
    chosen = pulumi.Output.all(one.id, other.id).apply(lambda ids: str(ids[0]))
    aws.iam.RolePolicy("held", role=chosen, policy=SEND)


def elsewhere_listed() -> None:
    """Build an exclusive list of a role's inline policies, one of which is not in the program."""
    aws.iam.RolePoliciesExclusive("list", role_name=role("worker").name, policy_names=["by-hand"])


@pytest.mark.parametrize(
    "build",
    [
        *(of_aws, of_the_account, document_open, role_open, policies_open, inline_open, one_of_two),
        elsewhere_listed,
    ],
)
def test_an_unknown_document_leaves_the_grants_unknown(build: Callable[[], None]) -> None:
    """An action may be granted, or not."""
    found = permissions(build)
    assert found.grants.may_grant_more
    assert found.grants.allows("sqs:SendMessage", QUEUE) is None
    assert found.why_incomplete().path


def test_a_policy_of_a_role_outside_the_program_is_ignored() -> None:
    """The name is known, and no role of the program has it."""
    assert permissions(of_a_role_elsewhere).documents == ()


def test_an_unknown_role_is_one_of_those_that_the_property_depends_on() -> None:
    """The grants of both are unknown, those of a third role are not."""

    def build() -> None:
        role("third")
        one_of_two()

    stack = program(build)
    assert [grants_of(stack, the(stack, name)).may_grant_more for name in ("worker", "other", "third")] == [
        True,
        True,
        False,
    ]
