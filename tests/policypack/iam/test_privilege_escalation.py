"""Ways to permissions that nobody gave."""

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
    pass_role_actions,
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


def ways(*documents: Any, broader: Any = None) -> list[Escalation]:
    """The certain ways up of somebody with these documents."""
    attached = [AttachedPolicy(f"document {index}", parse_policy(item)) for index, item in enumerate(documents)]
    return [way for way in find_escalations(grants_of(attached), broader) if way.certain]


PASS = statement("Allow", "iam:PassRole")


@pytest.mark.parametrize(
    "documents",
    [
        # permissions: one verb is enough
        [[statement("Allow", "iam:PutRolePolicy")]],
        [[statement("Allow", "iam:Put*")]],
        [[statement("Allow", "iam:AttachUserPolicy", "arn:aws:iam::*:user/${aws:username}")]],
        [[statement("Allow", "iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/*")]],
        [[statement("Allow", "iam:CreateAccessKey", "arn:aws:iam::123456789012:user/*")]],
        [[statement("Allow", "iam:UpdateAssumeRolePolicy")]],
        [[{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]],
        [[statement("Allow", "*")]],
        # new: pass a role to something of one's own
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
        # existing: take over what runs already
        [[statement("Allow", "lambda:UpdateFunctionCode")]],
        [[statement("Allow", "lambda:Update*", "arn:aws:lambda:eu-west-1:123456789012:function:*")]],
        [[statement("Allow", "ssm:SendCommand")]],
        [[statement("Allow", "codebuild:StartBuild", "arn:aws:codebuild:*:*:project/*")]],
        [[statement("Allow", "cloudformation:UpdateStack")]],
        # a denial that leaves the way open
        [[statement("Allow", "iam:PutRolePolicy"), statement("Deny", "iam:Delete*")]],
    ],
)
def test_ways_up(documents: list[Any]) -> None:
    """Action sets that public tools list, whatever statements they are spread over."""
    assert ways(*documents)


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [[statement("Allow", ["sqs:*", "dynamodb:*"])]],
        [[statement("Allow", ["iam:Get*", "iam:List*"])]],
        [[PASS]],  # a role that can be passed to nothing
        [[statement("Allow", CREATE)]],
        [[PASS, statement("Allow", "lambda:CreateFunction")]],  # a function that nobody can call
        [[PASS | {"Condition": to("ec2.amazonaws.com")}, statement("Allow", CREATE)]],
        [[PASS | {"Condition": to("lambda.amazonaws.com")}, statement("Allow", "ec2:RunInstances")]],
        # one role, no stronger as far as known
        [[statement("Allow", "iam:PassRole", ROLE), statement("Allow", CREATE)]],
        [[statement("Allow", "lambda:UpdateFunctionCode", FUNCTION)]],
        [[statement("Allow", "ssm:SendCommand", "arn:aws:ec2:eu-west-1:123456789012:instance/i-1")]],
        [[statement("Allow", "iam:*"), statement("Deny", "iam:*")]],
        [[PASS, statement("Allow", CREATE)], [statement("Deny", "iam:PassRole")]],
        # the minimal roles that AWS documents for a worker and for a model
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
        # AWS's own ways to hand out such verbs
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
        # not known: undecided, never certain
        [Unknown("policy")],
        [[statement("Allow", "iam:PutRolePolicy", Unknown("role.arn"))]],
        [[statement("Allow", "iam:PutRolePolicy"), statement("Deny", "iam:*", Unknown("role.arn"))]],
        ["nonsense"],
    ],
)
def test_no_way_up(documents: list[Any]) -> None:
    """Grants that come near, and are no way up, or not certainly."""
    assert not ways(*documents)


@pytest.mark.parametrize("stronger", [True, False, None])
def test_a_named_target_counts_where_it_is_stronger(*, stronger: bool | None) -> None:
    """One function or one role is a way up only where it may do more than the holder."""
    documents = ([statement("Allow", "lambda:UpdateFunctionCode", FUNCTION)],)
    asked: list[tuple[str, str]] = []

    def broader(action: str, resource: str) -> bool | None:
        asked.append((action, resource))
        return stronger

    assert bool(ways(*documents, broader=broader)) is (stronger is True)
    assert asked == [("lambda:UpdateFunctionCode", FUNCTION)]


def test_the_path_is_spelt_out() -> None:
    """A finding says what the holder would do."""
    paths = [way.description for way in ways([PASS, statement("Allow", CREATE)])]
    assert paths == ["may pass any role to lambda.amazonaws.com by lambda:CreateFunction and lambda:InvokeFunction"]
    (way,) = ways([statement("Allow", "lambda:UpdateFunctionCode")])
    assert way.description == "may lambda:UpdateFunctionCode on * and so act as the role that works there"
    (way,) = ways([statement("Allow", "iam:PutRolePolicy")])
    assert way.description == "may iam:PutRolePolicy on * and so change who may do what"
    assert [reach.grant.place for reach in way.grants] == ["Statement[0].Action"]


def test_every_set_is_a_way_up_by_itself_and_none_holds_another() -> None:
    """Each set, granted on everything, is found under its own ids; the sets of a kind are minimal."""
    for known in action_sets():
        found = ways([statement("Allow", list(known.actions))])
        assert known in [way.action_set for way in found]
    for kind in ("new", "existing", "permissions"):
        sets = [frozenset(known.actions) for known in action_sets() if known.kind == kind]
        assert not any(one < other for one in sets for other in sets)


def test_without_one_of_its_actions_a_set_is_no_way_up() -> None:
    """Each set, short of one action, is not found."""
    for known in action_sets():
        for missing in known.actions:
            rest = [action for action in known.actions if action != missing]
            found = ways([statement("Allow", rest)]) if rest else []
            assert known not in [way.action_set for way in found]


def test_actions_that_take_a_role() -> None:
    """The Service Authorization Reference named what needs iam:PassRole."""
    assert {
        "lambda:createfunction",
        "sagemaker:createmodel",
        "states:createstatemachine",
    } <= pass_role_actions()
    assert "lambda:invokefunction" not in pass_role_actions()
