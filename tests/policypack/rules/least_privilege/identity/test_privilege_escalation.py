"""Ways in which a role could gain what nobody gave it."""

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
    """Give a condition on where a role goes."""
    return {"StringEquals": {"iam:PassedToService": service}}


PASS_TO_LAMBDA = allow("iam:PassRole", EVERY, Condition=to("lambda.amazonaws.com"))
OTHER = "arn:aws:lambda:eu-west-1:123456789012:function:other"


@examples(
    role_cannot_escalate_privileges,
    "source, statements",
    [
        # permissions of its own
        ("iam-001", [allow("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/*")], FAIL),
        ("iam-002", [allow("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/*")], FAIL),
        ("iam-005", [allow("iam:PutRolePolicy", EVERY)], FAIL),
        ("iam-008", [allow("iam:AttachUserPolicy", "*")], FAIL),
        ("iam-009", [allow("iam:Attach*Policy", EVERY)], FAIL),
        ("iam-012", [allow("iam:UpdateAssumeRolePolicy", EVERY)], FAIL),
        ("iam-013", [allow("iam:AddUserToGroup", "arn:aws:iam::123456789012:group/*")], FAIL),
        # a role that is passed to something new
        ("lambda-001", [allow("iam:PassRole", EVERY), allow(NEW, "*")], FAIL),
        ("lambda-001", [allow("iam:PassRole", "*", Condition=to("lambda.amazonaws.com")), allow(NEW, "*")], FAIL),
        ("ec2-001", [allow("iam:PassRole", EVERY), allow("ec2:RunInstances", "*")], FAIL),
        ("sagemaker-001", [allow(["iam:PassRole", "sagemaker:CreateNotebookInstance"], "*")], FAIL),
        ("cloudformation-001", [allow(["iam:PassRole", "cloudformation:CreateStack"], "*")], FAIL),
        ("codebuild-001", [allow(["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"], "*")], FAIL),
        ("glue-003", [allow(["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"], "*")], FAIL),
        # something that runs already
        ("lambda-003", [allow("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:*")], FAIL),
        ("ssm-002", [allow("ssm:SendCommand", "*")], FAIL),
        ("codebuild-002", [allow("codebuild:StartBuild", "arn:aws:codebuild:eu-west-1:123456789012:project/*")], FAIL),
        ("cloudformation-002", [allow("cloudformation:UpdateStack", "*")], FAIL),
        # one half of a way leads nowhere
        ("lambda-001", [allow("iam:PassRole", EVERY)], PASS),
        ("lambda-001", [allow(NEW, "*")], PASS),
        ("lambda-001", [allow("iam:PassRole", EVERY), allow("lambda:CreateFunction", "*")], PASS),
        (
            "ec2-001",
            [PASS_TO_LAMBDA, allow("ec2:RunInstances", "*")],
            PASS,
        ),
        # somebody else's role or function, as far as it is known
        ("lambda-001", [allow("iam:PassRole", ROLE), allow(NEW, "*")], PASS),
        (
            "lambda-003",
            [allow("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:123456789012:function:other")],
            PASS,
        ),
        # closed again
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
        # told by the rules about stars
        ("iam-005", [allow("*", "*")], PASS),
        ("iam-005", [allow("iam:*", "*")], PASS),
        ("iam-005", [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], PASS),
        # work
        ("iam-001", [allow(["iam:GetPolicyVersion", "iam:ListPolicies"], "*")], PASS),
        ("lambda-001", [allow("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:next")], PASS),
        ("sagemaker-001", [allow("sagemaker:InvokeEndpoint", "*")], PASS),
        ("ssm-002", [allow("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/p")], PASS),
    ],
)
@pytest.mark.parametrize("place", HOLDERS)
def test_role_cannot_escalate_privileges(place: str, source: str, statements: Any, verdict: Any) -> None:
    """Sets of actions that together lead up, wherever they stand."""
    stack = program(lambda: HOLDERS[place](text(document(*statements))))
    assert judge(role_cannot_escalate_privileges, stack) == verdict, f"{PATHS}/{source}"


def split() -> None:
    """Build a role whose two policies are harmless alone."""
    holder = role("worker", inline_policies=[inline(text(document(allow("iam:PassRole", EVERY))))])
    policy = aws.iam.Policy("half", policy=text(document(allow(NEW, "*"))))
    aws.iam.RolePolicyAttachment("attachment", role=holder.name, policy_arn=policy.arn)


def test_a_way_that_is_split_over_two_policies_is_found_once_on_the_role() -> None:
    """Each half alone is none."""
    stack = program(split)
    found = {name: judgement.verdict for name, judgement in judgements(role_cannot_escalate_privileges, stack).items()}
    assert found == {"worker": FAIL, "half": PASS}
    (finding,) = judgements(role_cannot_escalate_privileges, stack)["worker"].findings
    assert finding.message == ("may pass any role to lambda and run it by lambda:CreateFunction, lambda:InvokeFunction")
    assert finding.path == "inlinePolicies[0].policy.Statement[0].Action"


def two_workers(*, verb: str, mine: Any, theirs: Any, named: str = "strong") -> None:
    """Build a role that may do something to a function, with another role."""
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
        ([WRITE], [WRITE], "strong", PASS),  # no broader
        ([allow("dynamodb:*", "*")], [WRITE], "strong", PASS),
        ([WRITE], [], "strong", PASS),
        ([], [allow("xray:PutTraceSegments", "*")], "strong", PASS),  # what every function has
        ([], [WRITE], "weak", PASS),  # its own function
    ],
)
def test_a_function_with_a_broader_role(mine: Any, theirs: Any, named: str, verdict: Any) -> None:
    """New code for a function acts as the function's role."""
    stack = program(lambda: two_workers(verb="lambda:UpdateFunctionCode", mine=mine, theirs=theirs, named=named))
    assert judge(role_cannot_escalate_privileges, stack) == verdict


def test_the_path_is_spelt() -> None:
    """Which function, which role, and what it may do."""
    stack = program(lambda: two_workers(verb="lambda:UpdateFunctionCode", mine=[], theirs=[WRITE]))
    assert messages(role_cannot_escalate_privileges, stack) == [
        "may call lambda:UpdateFunctionCode on strong and so act as role strong, which may also dynamodb:PutItem"
    ]


def test_ways_by_one_grant_are_one_finding() -> None:
    """Two are spelt, the others counted."""
    ways = ["lambda:CreateFunction", "lambda:InvokeFunction", "ec2:RunInstances", "cloudformation:CreateStack"]
    stack = program(lambda: HOLDERS["policy"](text(document(allow("iam:PassRole", EVERY), allow(ways, "*")))))
    assert messages(role_cannot_escalate_privileges, stack) == [
        (
            "may pass any role to cloudformation and run it by cloudformation:CreateStack; "
            "may pass any role to ec2 and run it by ec2:RunInstances, and 1 more"
        )
    ]


def test_its_own_policy() -> None:
    """A new version of it says what its holder likes."""

    def build() -> None:
        arn = "arn:aws:iam::123456789012:policy/own"
        policy = aws.iam.Policy("own", name="own", policy=text(document(allow("iam:CreatePolicyVersion", arn))))
        aws.iam.RolePolicyAttachment("attachment", role=role("worker").name, policy_arn=policy.arn)

    assert messages(role_cannot_escalate_privileges, program(build)) == [
        "may call iam:CreatePolicyVersion on its own policy own and so change what it may do"
    ]


@pytest.mark.parametrize(
    ("policy_arn", "verdict"),
    [
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", PASS),
        ("arn:aws:iam::aws:policy/AdministratorAccess", PASS),  # told by a rule of its own
        ("arn:aws:iam::aws:policy/service-role/AWSBatchServiceRole", PASS),
        ("arn:aws:iam::123456789012:policy/elsewhere", UNDECIDED),
        (UNKNOWN, UNDECIDED),
    ],
)
def test_policies_that_are_elsewhere(policy_arn: Any, verdict: Any) -> None:
    """AWS's own are judged by their names; one that is not known leaves it open."""

    def build() -> None:
        holder = role("worker", inline_policies=[inline(text(document(allow("sqs:SendMessage", QUEUE))))])
        aws.iam.RolePolicyAttachment("attachment", role=holder.name, policy_arn=policy_arn)

    assert judge(role_cannot_escalate_privileges, program(build)) == verdict
