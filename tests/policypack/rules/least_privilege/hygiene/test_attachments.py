"""Permissions boundaries of roles, and how policies are attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.hygiene.attachments import (
    BoundaryOptions,
    policy_attachment_is_not_exclusive,
    policy_is_attached,
    role_grants_are_not_repeated_across_policies,
    role_has_required_permissions_boundary,
)
from policypack.rules.least_privilege.identity.managed_policies import workload_role_has_no_aws_managed_policy
from policypack.testing import ACCOUNT, FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import document, inline, text
from tests.policypack.rules.programs import role
from tests.policypack.rules.workloads import AWS_POLICY, allow, arn, may, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

LIMIT = f"arn:aws:iam::{ACCOUNT}:policy/limit"
BOUNDARY = "IAM guide, 'Permissions boundaries for IAM entities'"
WANTED = BoundaryOptions(boundary="arn:aws:iam::*:policy/limit", exempt=("/service/",))


@examples(
    role_has_required_permissions_boundary,
    "source, settings, options",
    [
        (BOUNDARY, {}, None, PASS),  # none is required
        (BOUNDARY, {"permissions_boundary": LIMIT}, WANTED, PASS),
        (BOUNDARY, {"path": "/service/jobs/"}, WANTED, PASS),
        (BOUNDARY, {}, WANTED, FAIL),
        (BOUNDARY, {"permissions_boundary": ""}, WANTED, FAIL),
        (BOUNDARY, {"permissions_boundary": f"{AWS_POLICY}AdministratorAccess"}, WANTED, FAIL),
        ("unknowns", {"permissions_boundary": UNKNOWN}, WANTED, UNDECIDED),
    ],
)
def test_role_has_required_permissions_boundary(source: str, settings: Any, options: Any, verdict: Verdict) -> None:
    """A role has the boundary that the option requires."""
    stack = program(lambda: role("held", **settings))
    assert judge(role_has_required_permissions_boundary, stack, options) == verdict, source


PUT, GET = (allow(f"dynamodb:{verb}", arn("dynamodb", "table/results")) for verb in ("PutItem", "GetItem"))
REPEATED = "a statement that two policies of a role have"


def two(one: Any, other: Any, *, attached: bool = False) -> Builder:
    """Build a role with two policies."""

    def build() -> None:
        held = role("held", inline_policies=[inline(text(document(*one)))])
        if attached:
            policy = aws.iam.Policy("policy", policy=text(document(*other)))
            aws.iam.RolePolicyAttachment("attachment", role=held.name, policy_arn=policy.arn)
        else:
            may(held, *other, name="other")

    return build


@examples(
    role_grants_are_not_repeated_across_policies,
    "source, build",
    [
        (REPEATED, two([PUT], [GET]), PASS),
        (REPEATED, two([PUT], [{**PUT, "Effect": "Deny"}]), PASS),
        (REPEATED, two([PUT, PUT], [GET]), PASS),  # in one policy: judged by role-statements-are-not-duplicated
        (REPEATED, two([PUT], [{**PUT, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]), PASS),
        (REPEATED, two([PUT], [GET, PUT]), FAIL),
        (REPEATED, two([PUT], [{**PUT, "Action": ["DynamoDB:putitem"], "Sid": "Again"}]), FAIL),
        (REPEATED, two([GET], [GET], attached=True), FAIL),
        ("unknowns", two([GET], [allow(UNKNOWN, "*")]), UNDECIDED),
    ],
)
def test_role_grants_are_not_repeated_across_policies(source: str, build: Builder, verdict: Verdict) -> None:
    """No two policies of a role have the same statement."""
    assert judge(role_grants_are_not_repeated_across_policies, program(build)) == verdict, source


ATTACHED = "a policy that something in the stack attaches, or not"


def policy(use: Callable[[Any], object]) -> Builder:
    """Build a policy and what attaches it."""
    return lambda: use(aws.iam.Policy("held", policy=text(document(PUT))))


def nothing(_: Any) -> None:
    """Build nothing more."""


def unknown_attachment(_: Any) -> None:
    """Build an attachment of a policy that is unknown at preview."""
    aws.iam.RolePolicyAttachment("attachment", role="elsewhere", policy_arn=UNKNOWN)


def attachment_of_another(_: Any) -> None:
    """Build an attachment of another policy."""
    aws.iam.RolePolicyAttachment("attachment", role="elsewhere", policy_arn=LIMIT)


@examples(
    policy_is_attached,
    "source, use",
    [
        (ATTACHED, lambda held: role("worker", managed_policy_arns=[held.arn]), PASS),
        (ATTACHED, lambda held: role("worker", permissions_boundary=held.arn), PASS),
        (ATTACHED, lambda held: aws.iam.RolePolicyAttachment("a", role="elsewhere", policy_arn=held.arn), PASS),
        (ATTACHED, lambda held: aws.iam.GroupPolicyAttachment("a", group="people", policy_arn=held.arn), PASS),
        (ATTACHED, nothing, FAIL),
        (ATTACHED, attachment_of_another, FAIL),
        ("unknowns", unknown_attachment, UNDECIDED),
    ],
)
def test_policy_is_attached(source: str, use: Callable[[Any], object], verdict: Verdict) -> None:
    """A policy is attached to something."""
    assert judge(policy_is_attached, program(policy(use))) == verdict, source


EXCLUSIVE = "provider's page on aws_iam_policy_attachment"


def attachment(*, also: str = "", arn_: Any = None, **settings: Any) -> Builder:
    """Build an exclusive attachment, and perhaps another one of the same policy."""

    def build() -> None:
        held = aws.iam.Policy("held", policy=text(document(PUT)))
        worker_role = role("worker")
        settings.setdefault("roles", [worker_role.name])
        aws.iam.PolicyAttachment("attachment", policy_arn=arn_ or held.arn, **settings)
        if also == "role":
            aws.iam.RolePolicyAttachment("also", role=role("other").name, policy_arn=held.arn)
        elif also == "exclusive":
            aws.iam.PolicyAttachment("also", policy_arn=held.arn, roles=[role("other").name])
        elif also == "list":
            role("other", managed_policy_arns=[held.arn])

    return build


@examples(
    policy_attachment_is_not_exclusive,
    "source, build",
    [
        (EXCLUSIVE, attachment(), PASS),
        (EXCLUSIVE, attachment(users=["somebody"]), PASS),
        (EXCLUSIVE, attachment(also="role"), FAIL),
        (EXCLUSIVE, attachment(also="exclusive"), FAIL),
        (EXCLUSIVE, attachment(also="list"), FAIL),
        (
            EXCLUSIVE,
            attachment(arn_=f"{AWS_POLICY}ReadOnlyAccess"),
            FAIL,
        ),  # other stacks of the account attach it as well
        ("unknowns", attachment(arn_=UNKNOWN), UNDECIDED),
    ],
)
def test_policy_attachment_is_not_exclusive(source: str, build: Builder, verdict: Verdict) -> None:
    """No other resource attaches the policy of an exclusive attachment."""
    assert judge(policy_attachment_is_not_exclusive, program(build)) == verdict, source


MANAGED = "AWS managed policies, which grant access to all resources"
BASIC = f"{AWS_POLICY}service-role/AWSLambdaBasicExecutionRole"


@examples(
    workload_role_has_no_aws_managed_policy,
    "source, build",
    [
        (MANAGED, lambda: worker(PUT), PASS),
        (MANAGED, lambda: worker(managed=[LIMIT]), PASS),
        (
            MANAGED,
            lambda: worker(managed=[f"{AWS_POLICY}AWSXRayDaemonWriteAccess"]),
            PASS,
        ),  # sending traces has no resource type
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}service-role/AWSLambdaENIManagementAccess"]), PASS),
        (
            MANAGED,
            lambda: worker(managed=[f"{AWS_POLICY}AdministratorAccess"]),
            PASS,
        ),  # judged by role-has-no-full-access-managed-policy
        (MANAGED, lambda: role("held", managed_policy_arns=[BASIC]), PASS),  # no workload uses the role
        (MANAGED, lambda: worker(managed=[BASIC]), FAIL),
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"]), FAIL),
        (MANAGED, lambda: worker(managed=[BASIC.replace(":aws:", ":aws-cn:", 1)]), FAIL),
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}AmazonS3ReadOnlyAccess"]), FAIL),
    ],
)
def test_workload_role_has_no_aws_managed_policy(source: str, build: Builder, verdict: Verdict) -> None:
    """The role of a workload has policies of its own."""
    assert judge(workload_role_has_no_aws_managed_policy, program(build)) == verdict, source


def test_messages_name_the_policies_and_attachments() -> None:
    """And the other policy or attachment."""
    (finding,) = judgements(role_grants_are_not_repeated_across_policies, program(two([PUT], [GET, PUT])))[
        "held"
    ].findings
    assert (finding.message, finding.path) == (
        "grants in inline policy other what inline policy work already grants",
        "policy.Statement[1]",
    )
    assert messages(policy_attachment_is_not_exclusive, program(attachment(also="role"))) == [
        "detaches its policy wherever it is attached by also"
    ]
    (basic,) = judgements(workload_role_has_no_aws_managed_policy, program(lambda: worker(managed=[BASIC])))[
        "worker-role"
    ].findings
    assert basic.message.startswith("has the AWS managed policy AWSLambdaBasicExecutionRole")
    assert basic.path == "managedPolicyArns[0]"
