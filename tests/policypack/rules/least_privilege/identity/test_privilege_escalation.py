"""Combinations of permissions that allow privilege escalation."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pytest

from policypack.rules.least_privilege.identity.privilege_escalation import role_cannot_escalate_privileges
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.identity import QUEUE, ROLE, TABLE
from tests.policypack.rules.policies import HOLDERS, allow, document, inline, text
from tests.policypack.rules.programs import function, role

PATHS = "https://pathfinding.cloud/paths"
"""The ids below are those of pathfinding.cloud, https://pathfinding.cloud/paths/iam-001 for one."""

EVERY = "arn:aws:iam::123456789012:role/*"
NEW = ["lambda:CreateFunction", "lambda:InvokeFunction"]


def to(service: str) -> dict[str, Any]:
    """Give a condition on the service that receives a role."""
    return {"StringEquals": {"iam:PassedToService": service}}


PASS_TO_LAMBDA = allow("iam:PassRole", EVERY, Condition=to("lambda.amazonaws.com"))
OTHER = "arn:aws:lambda:eu-west-1:123456789012:function:other"


@examples(
    role_cannot_escalate_privileges,
    "source, statements",
    [
        # changes of permissions
        ("iam-001", [allow("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/*")], FAIL),
        ("iam-002", [allow("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/*")], FAIL),
        ("iam-005", [allow("iam:PutRolePolicy", EVERY)], FAIL),
        ("iam-008", [allow("iam:AttachUserPolicy", "*")], FAIL),
        ("iam-009", [allow("iam:Attach*Policy", EVERY)], FAIL),
        ("iam-012", [allow("iam:UpdateAssumeRolePolicy", EVERY)], FAIL),
        ("iam-013", [allow("iam:AddUserToGroup", "arn:aws:iam::123456789012:group/*")], FAIL),
        # a role that is passed to a new workload
        ("lambda-001", [allow("iam:PassRole", EVERY), allow(NEW, "*")], FAIL),
        ("lambda-001", [allow("iam:PassRole", "*", Condition=to("lambda.amazonaws.com")), allow(NEW, "*")], FAIL),
        ("ec2-001", [allow("iam:PassRole", EVERY), allow("ec2:RunInstances", "*")], FAIL),
        ("sagemaker-001", [allow(["iam:PassRole", "sagemaker:CreateNotebookInstance"], "*")], FAIL),
        ("cloudformation-001", [allow(["iam:PassRole", "cloudformation:CreateStack"], "*")], FAIL),
        ("codebuild-001", [allow(["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"], "*")], FAIL),
        ("glue-003", [allow(["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"], "*")], FAIL),
        # a workload that exists already
        ("lambda-003", [allow("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:*")], FAIL),
        ("ssm-002", [allow("ssm:SendCommand", "*")], FAIL),
        ("codebuild-002", [allow("codebuild:StartBuild", "arn:aws:codebuild:eu-west-1:123456789012:project/*")], FAIL),
        ("cloudformation-002", [allow("cloudformation:UpdateStack", "*")], FAIL),
        # one action of a combination is not enough
        ("lambda-001", [allow("iam:PassRole", EVERY)], PASS),
        ("lambda-001", [allow(NEW, "*")], PASS),
        ("lambda-001", [allow("iam:PassRole", EVERY), allow("lambda:CreateFunction", "*")], PASS),
        (
            "ec2-001",
            [PASS_TO_LAMBDA, allow("ec2:RunInstances", "*")],
            PASS,
        ),
        # a named role or function outside the stack, whose permissions are not known
        ("lambda-001", [allow("iam:PassRole", ROLE), allow(NEW, "*")], PASS),
        (
            "lambda-003",
            [allow("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:123456789012:function:other")],
            PASS,
        ),
        # denied, or limited by a condition
        ("iam-005", [allow("iam:PutRolePolicy", EVERY), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}], PASS),
        (
            "iam-005",
            [
                allow(
                    "iam:PutRolePolicy",
                    EVERY,
                    Condition={"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/limit"}},
                )
            ],
            PASS,
        ),
        ("iam-002", [allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")], PASS),
        # reported by the rules about wildcards
        ("iam-005", [allow("*", "*")], PASS),
        ("iam-005", [allow("iam:*", "*")], PASS),
        ("iam-005", [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], PASS),
        # permissions that workloads usually need
        ("iam-001", [allow(["iam:GetPolicyVersion", "iam:ListPolicies"], "*")], PASS),
        ("lambda-001", [allow("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:next")], PASS),
        ("sagemaker-001", [allow("sagemaker:InvokeEndpoint", "*")], PASS),
        ("ssm-002", [allow("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/p")], PASS),
    ],
)
@pytest.mark.parametrize("place", HOLDERS)
def test_role_cannot_escalate_privileges(place: str, source: str, statements: Any, verdict: Any) -> None:
    """Combinations are found in every kind of policy."""
    stack = program(lambda: HOLDERS[place](text(document(*statements))))
    assert judge(role_cannot_escalate_privileges, stack) == verdict, f"{PATHS}/{source}"


def split() -> None:
    """Build a role with two policies that allow escalation only together."""
    holder = role("worker", inline_policies=[inline(text(document(allow("iam:PassRole", EVERY))))])
    policy = aws.iam.Policy("half", policy=text(document(allow(NEW, "*"))))
    aws.iam.RolePolicyAttachment("attachment", role=holder.name, policy_arn=policy.arn)


def test_a_combination_across_two_policies_is_reported_once_for_the_role() -> None:
    """Neither policy is reported itself."""
    stack = program(split)
    found = {name: judgement.verdict for name, judgement in judgements(role_cannot_escalate_privileges, stack).items()}
    assert found == {"worker": FAIL, "half": PASS}
    (finding,) = judgements(role_cannot_escalate_privileges, stack)["worker"].findings
    assert finding.message == (
        "can pass any role to lambda and use it with lambda:CreateFunction, lambda:InvokeFunction"
    )
    assert finding.path == "inlinePolicies[0].policy.Statement[0].Action"


def two_workers(*, verb: str, mine: Any, theirs: Any, named: str = "strong") -> None:
    """Build a role that has one permission on a function with another role."""
    own = [allow(verb, f"arn:aws:lambda:eu-west-1:123456789012:function:{named}-1a2b3c4")]
    weak = role("weak", name="weak", inline_policies=[inline(text(document(*own, *mine)))])
    strong = role("strong", name="strong", inline_policies=[inline(text(document(*theirs)))])
    function("weak", role=weak.arn)
    function("strong", role=strong.arn)


WRITE = allow("dynamodb:PutItem", TABLE)


@pytest.mark.parametrize(
    ("mine", "theirs", "named", "verdict"),
    [
        ([], [WRITE], "strong", FAIL),
        ([allow("dynamodb:GetItem", TABLE)], [WRITE], "strong", FAIL),
        ([WRITE], [WRITE], "strong", PASS),  # not broader
        ([allow("dynamodb:*", "*")], [WRITE], "strong", PASS),
        ([WRITE], [], "strong", PASS),
        ([], [allow("xray:PutTraceSegments", "*")], "strong", PASS),  # a permission that functions commonly have
        ([], [WRITE], "weak", PASS),  # its own function
    ],
)
def test_a_function_with_a_broader_role(mine: Any, theirs: Any, named: str, verdict: Any) -> None:
    """Who can change the code of a function can use the permissions of its role."""
    stack = program(lambda: two_workers(verb="lambda:UpdateFunctionCode", mine=mine, theirs=theirs, named=named))
    assert judge(role_cannot_escalate_privileges, stack) == verdict


def test_messages_name_the_function_and_its_role() -> None:
    """The message also names a permission that the role has in addition."""
    stack = program(lambda: two_workers(verb="lambda:UpdateFunctionCode", mine=[], theirs=[WRITE]))
    assert messages(role_cannot_escalate_privileges, stack) == [
        "can call lambda:UpdateFunctionCode on strong and so act as role strong (which also allows dynamodb:PutItem)"
    ]


def test_combinations_in_one_statement_are_one_finding() -> None:
    """The message describes two of them and counts the others."""
    ways = ["lambda:CreateFunction", "lambda:InvokeFunction", "ec2:RunInstances", "cloudformation:CreateStack"]
    stack = program(lambda: HOLDERS["policy"](text(document(allow("iam:PassRole", EVERY), allow(ways, "*")))))
    assert messages(role_cannot_escalate_privileges, stack) == [
        (
            "can pass any role to cloudformation and use it with cloudformation:CreateStack; "
            "can pass any role to ec2 and use it with ec2:RunInstances; and 1 more"
        )
    ]


def test_a_role_that_can_change_its_own_policy() -> None:
    """A new version of the policy can grant any permission."""

    def build() -> None:
        arn = "arn:aws:iam::123456789012:policy/own"
        policy = aws.iam.Policy("own", name="own", policy=text(document(allow("iam:CreatePolicyVersion", arn))))
        aws.iam.RolePolicyAttachment("attachment", role=role("worker").name, policy_arn=policy.arn)

    assert messages(role_cannot_escalate_privileges, program(build)) == [
        "can call iam:CreatePolicyVersion on its own policy own and so gain permissions"
    ]


@pytest.mark.parametrize(
    ("policy_arn", "verdict"),
    [
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", PASS),
        ("arn:aws:iam::aws:policy/AdministratorAccess", PASS),  # reported by role-has-no-full-access-managed-policy
        ("arn:aws:iam::aws:policy/service-role/AWSBatchServiceRole", PASS),
        ("arn:aws:iam::123456789012:policy/elsewhere", UNDECIDED),
        (UNKNOWN, UNDECIDED),
    ],
)
def test_policies_outside_the_stack(policy_arn: Any, verdict: Any) -> None:
    """AWS managed policies are judged by other rules; an unknown policy makes the verdict undecided."""

    def build() -> None:
        holder = role("worker", inline_policies=[inline(text(document(allow("sqs:SendMessage", QUEUE))))])
        aws.iam.RolePolicyAttachment("attachment", role=holder.name, policy_arn=policy_arn)

    assert judge(role_cannot_escalate_privileges, program(build)) == verdict
