"""Effective permissions: Deny statements and permissions boundaries reduce what rules judge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws
import pytest

from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS as TYPES
from policypack.access.policy_documents import allow_statements, roles_attached_to
from policypack.rules.least_privilege.identity.wildcards import (
    role_has_no_wildcard_action,
    role_has_no_wildcard_resource,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.policies import QUEUE, allow, document, inline, text
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model import Stack

SECRET = "arn:aws:s3:::secret/*"


def deny(action: Any, target: Any = "*", **more: Any) -> dict[str, Any]:
    """Give a statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": target, **more}


def one_role(*documents: Any, boundary: Any = None) -> Callable[[], object]:
    """Give a program of one role with these documents, the last one as an inline policy."""

    def build() -> None:
        limit = None
        if boundary is not None:
            limit = aws.iam.Policy("limit", name="limit", policy=text(boundary))
        holder = role(
            "worker",
            inline_policies=[inline(text(documents[-1]))],
            **({"permissions_boundary": limit.arn} if limit else {}),
        )
        for index, policy in enumerate(documents[:-1]):
            aws.iam.RolePolicy(f"policy-{index}", role=holder.name, policy=text(policy))

    return build


def effective(stack: Stack) -> list[tuple[list[str | None], list[str | None]]]:
    """The actions and resources of the effective Allow statements."""
    return [
        ([entry.value for entry in one.actions], [entry.value for entry in one.resources])
        for holder in stack.of_type(*TYPES)
        for _, one in allow_statements(holder, stack)
    ]


@pytest.mark.parametrize(
    ("documents", "boundary", "expected"),
    [
        # IAM user guide, "Policy evaluation logic": an explicit deny in any of these policies overrides the allow
        ([document(allow("sqs:*"))], None, [(["sqs:*"], [QUEUE])]),
        ([document(allow("sqs:*"), deny("sqs:*"))], None, []),
        ([document(deny("sqs:*")), document(allow("sqs:*"))], None, []),
        ([document(allow(["sqs:*", "s3:*"]), deny("sqs:*"))], None, [(["s3:*"], [QUEUE])]),
        ([document(allow("s3:GetObject", [QUEUE, SECRET]), deny("s3:*", SECRET))], None, [(["s3:GetObject"], [QUEUE])]),
        ([document(allow("s3:*", "*"), deny("s3:*", SECRET))], None, [(["s3:*"], ["*"])]),  # only a part is denied
        ([document(allow("sqs:*"), deny("sqs:DeleteQueue"))], None, [(["sqs:*"], [QUEUE])]),
        (  # the condition may exclude any request
            [document(allow("sqs:*"), deny("sqs:*", Condition={"Bool": {"aws:SecureTransport": "false"}}))],
            None,
            [(["sqs:*"], [QUEUE])],
        ),
        # the same, "permissions boundaries": the effective permissions are the intersection
        ([document(allow("*", "*"))], document(allow("sqs:SendMessage")), [(["sqs:SendMessage"], [QUEUE])]),
        ([document(allow("sqs:SendMessage"))], document(allow("*", "*")), [(["sqs:SendMessage"], [QUEUE])]),
        ([document(allow("sqs:*"))], document(allow("s3:*", "*")), []),
        (
            [document(allow(["sqs:SendMessage", "s3:GetObject"], "*"))],
            document(allow("sqs:*"), allow("s3:*", SECRET)),
            [(["sqs:SendMessage"], [QUEUE]), (["s3:GetObject"], [SECRET])],
        ),
        (
            [document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})],
            document(allow(["iam:GetUser", "sqs:SendMessage"], "*")),
            [(["sqs:SendMessage"], ["*"])],
        ),
    ],
)
def test_effective_statements(documents: list[Any], boundary: Any, expected: list[Any]) -> None:
    """Deny statements and the boundary reduce the Allow statements of a role."""
    assert effective(program(one_role(*documents, boundary=boundary))) == expected


def test_a_boundary_outside_the_stack_reduces_nothing() -> None:
    """Its contents are not known, so a policy with wildcards fails."""
    limit = "arn:aws:iam::123456789012:policy/organization"
    build = lambda: role("held", permissions_boundary=limit, inline_policies=[inline(text(document(allow("*", "*"))))])  # noqa: E731 - a program
    assert judge(role_has_no_wildcard_action, program(build)) == FAIL


def test_an_unknown_policy_reduces_nothing() -> None:
    """It may deny or allow actions."""
    build = lambda: aws.iam.RolePolicy("other", role=role("worker", inline_policies=[WIDE]).name, policy=UNKNOWN)  # noqa: E731 - a program
    stack = program(build)
    assert messages(role_has_no_wildcard_action, stack) == ["allows sqs:*"]
    assert judge(role_has_no_wildcard_resource, stack) == UNDECIDED


WIDE = inline(text(document(allow("sqs:*"))))


def shared(*, denied: tuple[bool, ...], user: bool = False) -> None:
    """Build a policy with a wildcard that is attached to several roles, some of which deny the same actions."""
    policy = aws.iam.Policy("held", policy=text(document(allow("sqs:*"))))
    for index, own in enumerate(denied):
        holder = role(f"role-{index}", inline_policies=[inline(text(document(deny("sqs:*"))))] if own else [])
        aws.iam.RolePolicyAttachment(f"attachment-{index}", role=holder.name, policy_arn=policy.arn)
    if user:
        aws.iam.UserPolicyAttachment("user", user="somebody", policy_arn=policy.arn)


@pytest.mark.parametrize(
    ("denied", "user", "verdict"),
    [
        ((), False, FAIL),  # attached to no role
        ((True,), False, PASS),
        ((True, True), False, PASS),
        ((True, False), False, FAIL),  # one role does not deny it
        ((True,), True, FAIL),  # a user has it too
    ],
)
def test_a_shared_policy_fails_if_one_principal_does_not_deny_it(
    denied: tuple[bool, ...], user: bool, verdict: Any
) -> None:
    """A Deny statement affects only the roles that have it."""
    stack = program(lambda: shared(denied=denied, user=user))
    assert judge(role_has_no_wildcard_action, stack) == verdict
    (policy,) = stack.of_type("aws:iam/policy:Policy")
    assert {permissions.role.name for permissions in roles_attached_to(policy, stack)} == {
        f"role-{n}" for n in range(len(denied))
    }


def test_paths_refer_to_the_statement_as_written() -> None:
    """Also where a Deny statement removes a part of it."""
    wide = document(allow("s3:GetObject"), allow(["sqs:*", "s3:*"]), deny("sqs:*"))
    stack = program(one_role(wide))
    assert json.loads(text(wide))["Statement"][1]["Action"][1] == "s3:*"
    (role_,) = stack.of_type("aws:iam/role:Role")
    places = [statement.actions[0].place for _, statement in allow_statements(role_, stack)]
    assert places == ["Statement[0].Action", "Statement[1].Action[1]"]
