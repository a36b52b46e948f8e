"""Permissions to pass, assume and create roles."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pytest

from policypack.rules.least_privilege.identity.pass_role import (
    passed_role_has_no_broader_permissions,
    passed_role_trusts_receiving_service,
)
from policypack.rules.least_privilege.identity.role_actions import (
    role_assumes_named_roles,
    role_creates_service_linked_roles_for_named_services,
    role_passes_named_roles,
    role_passes_roles_to_named_services,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.identity import IAM, ROLE, Case, broken, cases, check
from tests.policypack.rules.policies import allow, document, inline, text
from tests.policypack.rules.programs import role, trust

PASSING = f"{IAM}/id_roles_use_passrole.html"
ASSUMING = f"{IAM}/id_roles_use_permissions-to-switch.html"
LINKED = f"{IAM}/create-service-linked-role.html"
KEYS = f"{IAM}/reference_policies_iam-condition-keys.html"
STAR = "role-has-no-wildcard-resource"
ANY = "role-passes-roles-to-named-services"
NAMED = "role-passes-named-roles"
ASSUMES = "role-assumes-named-roles"
CREATES = "role-creates-service-linked-roles-for-named-services"
EVERY = "arn:aws:iam::123456789012:role/*"


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    """Give a condition."""
    return {operator: {key: list(values)}}


PEOPLE = text({"Statement": {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}})
TO_LAMBDA = when("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")
PASSED: list[Case] = [
    # the Resource element limits the roles
    (PASSING, allow("iam:PassRole", "*"), STAR),
    (PASSING, allow("iam:PassRole", EVERY), ANY),
    (PASSING, allow("iam:PassRole", "arn:aws:iam::*:role/*"), ANY),
    (PASSING, allow("iam:PassRole", "arn:aws:iam::123456789012:*"), ANY),
    (
        PASSING,
        allow(["iam:GetRole", "iam:PassRole"], [ROLE, EVERY]),
        f"{ANY} role-has-no-resource-type-wildcard",
    ),
    (KEYS, allow("iam:PassRole", "*", Condition=when("StringLike", "iam:PassedToService", "*")), ANY),
    (
        KEYS,
        allow("iam:PassRole", EVERY, Condition=when("StringNotEquals", "iam:PassedToService", "ec2.amazonaws.com")),
        ANY,
    ),
    (
        KEYS,
        allow(
            "iam:PassRole", "*", Condition=when("StringEqualsIfExists", "iam:PassedToService", "lambda.amazonaws.com")
        ),
        NAMED,
    ),
    # "You cannot limit permissions to pass a role based on tags attached to the role"
    (PASSING, allow("iam:PassRole", "*", Condition=when("StringEquals", "aws:ResourceTag/team", "a")), ANY),
    # a condition limits the service, nothing limits the role
    (KEYS, allow("iam:PassRole", "*", Condition=TO_LAMBDA), NAMED),
    (KEYS, allow("iam:PassRole", EVERY, Condition=TO_LAMBDA), NAMED),
    (
        KEYS,
        allow("iam:PassRole", EVERY, Condition=when("StringLike", "iam:PassedToService", "ec2.amazonaws.com*")),
        NAMED,
    ),
    # the guide's own examples
    (PASSING, allow(["iam:GetRole", "iam:PassRole"], "arn:aws:iam::123456789012:role/EC2-roles-for-XYZ-*"), ""),
    (PASSING, allow("iam:PassRole", ROLE), ""),
    (PASSING, allow("iam:PassRole", ROLE, Condition=TO_LAMBDA), ""),
    (PASSING, allow("iam:PassRole", "arn:aws:iam::123456789012:role/team/*", Condition=TO_LAMBDA), ""),
    (PASSING, {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}, ""),
    (
        PASSING,
        [allow("iam:PassRole", EVERY), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}],
        "role-statements-are-not-duplicated",
    ),
]


@cases(PASSED, role_passes_roles_to_named_services, role_passes_named_roles)
def test_pass_role(policy: Any, ids: str) -> None:
    """A statement with iam:PassRole names the role, or at least the service."""
    check(policy, ids)


ASSUMED: list[Case] = [
    # "grant the user permissions to switch to the role": the ARN of one
    (ASSUMING, allow("sts:AssumeRole", "*"), STAR),
    (ASSUMING, allow("sts:AssumeRole", EVERY), ASSUMES),
    (ASSUMING, allow("sts:AssumeRole", "arn:aws:iam::*:role/*"), ASSUMES),
    (
        ASSUMING,
        allow(["sts:AssumeRole", "sts:TagSession"], "arn:aws:iam::210987654321:role/*"),
        ASSUMES,
    ),
    (ASSUMING, allow("sts:AssumeRole", ROLE), ""),
    (ASSUMING, allow("sts:AssumeRole", "arn:aws:iam::*:role/deploy"), ""),
    (ASSUMING, {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": EVERY}, ""),
    # service-linked roles: the example of the guide limits the service by a condition
    (LINKED, allow("iam:CreateServiceLinkedRole", "*"), STAR),
    (LINKED, allow("iam:CreateServiceLinkedRole", "arn:aws:iam::*:role/aws-service-role/*"), CREATES),
    (LINKED, allow("iam:CreateServiceLinkedRole", EVERY), CREATES),
    (
        LINKED,
        allow("iam:CreateServiceLinkedRole", EVERY, Condition=when("StringLike", "iam:AWSServiceName", "*")),
        CREATES,
    ),
    (
        LINKED,
        allow(
            "iam:CreateServiceLinkedRole",
            "*",
            Condition=when("StringEquals", "iam:AWSServiceName", "autoscaling.amazonaws.com"),
        ),
        "",
    ),
    (
        LINKED,
        allow(
            "iam:CreateServiceLinkedRole",
            "arn:aws:iam::*:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*",
        ),
        "",
    ),
]


@cases(ASSUMED, role_assumes_named_roles, role_creates_service_linked_roles_for_named_services)
def test_assume_role_and_service_linked_roles(policy: Any, ids: str) -> None:
    """Statements name the role or the service."""
    check(policy, ids)


def passer(statement: dict[str, Any], other: Any, trusts: Any) -> None:
    """Build a role with a statement, and another one with a trust policy and a document."""
    aws.iam.Role("other", name="other", assume_role_policy=trusts, inline_policies=[inline(text(other))])
    role("passer", name="passer", inline_policies=[inline(text(document(statement)))])


PASS_IT = allow("iam:PassRole", ROLE)
PASS_TO_LAMBDA = allow("iam:PassRole", ROLE, Condition=TO_LAMBDA)
READS = document(allow("s3:GetObject", "arn:aws:s3:::models/*"))


@examples(
    passed_role_trusts_receiving_service,
    "statement, trusts",
    [
        # "A trust policy for the role that allows the service to assume the role"
        (PASS_TO_LAMBDA, trust("lambda.amazonaws.com"), PASS),
        (PASS_TO_LAMBDA, trust("sagemaker.amazonaws.com", "lambda.amazonaws.com"), PASS),
        (PASS_TO_LAMBDA, trust("sagemaker.amazonaws.com"), FAIL),
        (PASS_TO_LAMBDA, PEOPLE, FAIL),
        (PASS_TO_LAMBDA, UNKNOWN, UNDECIDED),
        (PASS_IT, trust("sagemaker.amazonaws.com"), PASS),  # nothing says to which service
        (allow("iam:PassRole", EVERY, Condition=TO_LAMBDA), trust("sagemaker.amazonaws.com"), PASS),  # no single role
        (allow("iam:PassRole", f"{ROLE}s", Condition=TO_LAMBDA), trust("sagemaker.amazonaws.com"), PASS),  # outside
    ],
)
def test_passed_role_trusts_receiving_service(statement: dict[str, Any], trusts: Any, verdict: Any) -> None:
    """The passed role trusts the service to which it is passed."""
    assert judge(passed_role_trusts_receiving_service, program(lambda: passer(statement, READS, trusts))) == verdict


@examples(
    passed_role_has_no_broader_permissions,
    "statement, other",
    [
        (PASS_IT, READS, PASS),  # other permissions, but no more privileged
        (PASS_IT, document(), PASS),
        (PASS_IT, document(allow("*", "*")), FAIL),
        (PASS_IT, document(allow("s3:*", "*")), FAIL),
        (PASS_IT, document(allow("iam:AttachRolePolicy", "*")), FAIL),
        (PASS_IT, document(allow("sqs:AddPermission")), FAIL),
        (PASS_IT, document(allow("*", "*"), {"Effect": "Deny", "Action": "*", "Resource": "*"}), PASS),
        (allow(["iam:PassRole", "s3:*"], "*"), document(allow("s3:*", "*")), PASS),  # wildcards: other rules
        (allow("iam:PassRole", f"{ROLE}s"), document(allow("*", "*")), PASS),  # another role
    ],
)
def test_passed_role_has_no_broader_permissions(statement: dict[str, Any], other: Any, verdict: Any) -> None:
    """The passed role has no permissions that make it more privileged than the passing role."""
    stack = program(lambda: passer(statement, other, trust("lambda.amazonaws.com")))
    assert judge(passed_role_has_no_broader_permissions, stack) == verdict


@pytest.mark.parametrize("verbs", [[], ["lambda:CreateFunction", "lambda:InvokeFunction"]])
def test_a_more_privileged_passed_role_is_reported_once(verbs: list[str]) -> None:
    """Where the role can also start a workload, it is reported as privilege escalation instead."""
    run = [allow(verbs, "arn:aws:lambda:eu-west-1:123456789012:function:new")] if verbs else []

    def build() -> None:
        role("other", name="other", inline_policies=[inline(text(document(allow("dynamodb:*", "*"))))])
        role("passer", name="passer", inline_policies=[inline(text(document(PASS_IT, *run)))])

    stack = program(build)
    found = broken(stack).keys() & {"role-cannot-escalate-privileges", "passed-role-has-no-broader-permissions"}
    assert found == ({"role-cannot-escalate-privileges"} if verbs else {"passed-role-has-no-broader-permissions"})
    if not verbs:
        assert messages(passed_role_has_no_broader_permissions, stack) == [
            "can pass role other, which also allows dynamodb:*"
        ]
