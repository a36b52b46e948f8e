"""Privilege escalation by action sets, passed roles and changed permissions."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.grants import grants_of
from policypack.iam.privilege_escalation import (
    Escalation,
    action_sets,
    find_escalations,
)
from policypack.model import Unknown

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:deploy"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:work"
ROLE = "arn:aws:iam::123456789012:role/worker"
CREATE = ["lambda:CreateFunction", "lambda:InvokeFunction"]


def statement(effect: str, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """One statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def to(*services: str) -> dict[str, Any]:
    """A condition on the service that a role is passed to."""
    return {"StringEquals": {"iam:PassedToService": list(services)}}


def escalations(*documents: Any, is_more_privileged: Any = None) -> list[Escalation]:
    """The certain escalations of a principal with these documents."""
    attached = [AttachedPolicy(f"document {index}", parse_policy(item)) for index, item in enumerate(documents)]
    return [found for found in find_escalations(grants_of(attached), is_more_privileged) if found.certain]


PASS = statement("Allow", "iam:PassRole")


@pytest.mark.parametrize(
    "documents",
    [
        # permissions: one action is enough
        [[statement("Allow", "iam:PutRolePolicy")]],
        [[statement("Allow", "iam:Put*")]],
        [[statement("Allow", "iam:AttachUserPolicy", "arn:aws:iam::*:user/${aws:username}")]],
        [[statement("Allow", "iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/*")]],
        [[statement("Allow", "iam:CreateAccessKey", "arn:aws:iam::123456789012:user/*")]],
        [[statement("Allow", "iam:UpdateAssumeRolePolicy")]],
        [[{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]],
        [[statement("Allow", "*")]],
        # new-passrole: pass a role to a resource that the holder creates
        [[PASS, statement("Allow", CREATE)]],
        [[PASS], [statement("Allow", CREATE)]],  # split over two policies
        [[statement("Allow", "iam:PassRole", "arn:aws:iam::123456789012:role/*"), statement("Allow", "lambda:*")]],
        [[PASS | {"Condition": to("lambda.amazonaws.com")}, statement("Allow", CREATE)]],
        [[PASS | {"Condition": {"StringLike": {"iam:PassedToService": "*"}}}, statement("Allow", CREATE)]],
        [[PASS, statement("Allow", "ec2:RunInstances")]],
        [[PASS | {"Condition": to("ec2.amazonaws.com")}, statement("Allow", "ec2:RunInstances")]],
        [[PASS, statement("Allow", ["ecs:RunTask"])]],
        [[PASS, statement("Allow", "cloudformation:CreateStack")]],
        [[PASS, statement("Allow", "sagemaker:Create*")]],
        [[PASS, statement("Allow", ["codebuild:CreateProject", "codebuild:StartBuild"], "arn:aws:codebuild:*:*:p")]],
        # existing-passrole: take over a resource that already has a role
        [[statement("Allow", "lambda:UpdateFunctionCode")]],
        [[statement("Allow", "lambda:Update*", "arn:aws:lambda:eu-west-1:123456789012:function:*")]],
        [[statement("Allow", "ssm:SendCommand")]],
        [[statement("Allow", "codebuild:StartBuild", "arn:aws:codebuild:*:*:project/*")]],
        [[statement("Allow", "cloudformation:UpdateStack")]],
        # a denial that does not prevent it
        [[statement("Allow", "iam:PutRolePolicy"), statement("Deny", "iam:Delete*")]],
    ],
)
def test_privilege_escalation_is_found(documents: list[Any]) -> None:
    """Action sets that public tools list are found, however they are spread over statements and policies."""
    assert escalations(*documents)


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [[statement("Allow", ["sqs:*", "dynamodb:*"])]],
        [[statement("Allow", ["iam:Get*", "iam:List*"])]],
        [[PASS]],  # no service to pass the role to
        [[statement("Allow", CREATE)]],
        [[PASS, statement("Allow", "lambda:CreateFunction")]],  # no permission to invoke the function
        [[PASS | {"Condition": to("ec2.amazonaws.com")}, statement("Allow", CREATE)]],
        [[PASS | {"Condition": to("lambda.amazonaws.com")}, statement("Allow", "ec2:RunInstances")]],
        # a named target; whether it has more permissions is unknown
        [[statement("Allow", "iam:PassRole", ROLE), statement("Allow", CREATE)]],
        [[statement("Allow", "lambda:UpdateFunctionCode", FUNCTION)]],
        [[statement("Allow", "ssm:SendCommand", "arn:aws:ec2:eu-west-1:123456789012:instance/i-1")]],
        [[statement("Allow", "iam:*"), statement("Deny", "iam:*")]],
        [[PASS, statement("Allow", CREATE)], [statement("Deny", "iam:PassRole")]],
        # the minimal roles that AWS documents for a worker function and a SageMaker model
        [
            [
                statement("Allow", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], QUEUE),
                statement("Allow", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]),
                statement("Allow", "sagemaker:InvokeEndpoint", "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/e"),
            ]
        ],
        [
            [
                statement("Allow", ["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]),
                statement("Allow", "s3:GetObject", "arn:aws:s3:::models/model.tar.gz"),
                statement("Allow", ["ec2:CreateNetworkInterface", "ec2:DescribeSubnets"]),
            ]
        ],
        # AWS's recommended ways to delegate such actions
        [[statement("Allow", "iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")]],
        [[statement("Allow", "iam:UpdateLoginProfile", "arn:aws:iam::*:user/${aws:username}")]],
        [
            [
                statement(
                    "Allow",
                    ["iam:PutRolePolicy", "iam:AttachRolePolicy"],
                    Condition={"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/limit"}},
                )
            ]
        ],
        [
            [
                statement(
                    "Allow",
                    "iam:AttachRolePolicy",
                    Condition={"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
                )
            ]
        ],
        # unknown parts: the escalation is possible, but not certain
        [Unknown("policy")],
        [[statement("Allow", "iam:PutRolePolicy", Unknown("role.arn"))]],
        [[statement("Allow", "iam:PutRolePolicy"), statement("Deny", "iam:*", Unknown("role.arn"))]],
        ["nonsense"],
    ],
)
def test_no_certain_privilege_escalation(documents: list[Any]) -> None:
    """Similar grants allow no escalation, or none that is certain."""
    assert not escalations(*documents)


@pytest.mark.parametrize("more_privileged", [True, False, None])
def test_a_named_target_must_have_additional_permissions(*, more_privileged: bool | None) -> None:
    """A single named function or role is an escalation only if it has permissions that the holder does not have."""
    documents = ([statement("Allow", "lambda:UpdateFunctionCode", FUNCTION)],)
    asked: list[tuple[str, str]] = []

    def is_more_privileged(action: str, resource: str) -> bool | None:
        asked.append((action, resource))
        return more_privileged

    assert bool(escalations(*documents, is_more_privileged=is_more_privileged)) is (more_privileged is True)
    assert asked == [("lambda:UpdateFunctionCode", FUNCTION)]


def test_an_escalation_names_its_grants_and_target() -> None:
    """One grant for each action of the set, in the order of the set; the resource of the first one is the target."""
    (found,) = escalations([PASS, statement("Allow", CREATE, FUNCTION)])
    assert [grant.action for grant in found.grants] == ["iam:PassRole", *CREATE]
    assert [grant.grant.place for grant in found.grants] == [
        "Statement[0].Action",
        "Statement[1].Action[0]",
        "Statement[1].Action[1]",
    ]
    assert (found.target, found.any_target) == ("*", True)
    assert found.action_set.service_principals == ("lambda.amazonaws.com",)


def test_every_action_set_is_found_and_none_contains_another() -> None:
    """Each set is found if it is granted on all resources, and the sets of a kind are minimal."""
    for action_set in action_sets():
        found = escalations([statement("Allow", list(action_set.actions))])
        assert action_set in [one.action_set for one in found]
    for kind in ("new-passrole", "existing-passrole", "permissions"):
        sets = [frozenset(action_set.actions) for action_set in action_sets() if action_set.kind == kind]
        assert not any(one < other for one in sets for other in sets)


def test_an_incomplete_action_set_is_not_found() -> None:
    """Each set is not found if one of its actions is missing."""
    for action_set in action_sets():
        for missing in action_set.actions:
            rest = [action for action in action_set.actions if action != missing]
            found = escalations([statement("Allow", rest)]) if rest else []
            assert action_set not in [one.action_set for one in found]
