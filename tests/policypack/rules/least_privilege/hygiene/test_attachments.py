"""Roles and policies that are kept in order."""

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
ASKED = "d14: a boundary is required where configured"
WANTED = BoundaryOptions(boundary="arn:aws:iam::*:policy/limit", exempt=("/service/",))


@examples(
    role_has_required_permissions_boundary,
    "source, settings, options",
    [
        (ASKED, {}, None, PASS),  # nobody asks
        (ASKED, {"permissions_boundary": LIMIT}, WANTED, PASS),
        (ASKED, {"path": "/service/jobs/"}, WANTED, PASS),
        (ASKED, {}, WANTED, FAIL),
        (ASKED, {"permissions_boundary": ""}, WANTED, FAIL),
        (ASKED, {"permissions_boundary": f"{AWS_POLICY}AdministratorAccess"}, WANTED, FAIL),
        ("unknowns", {"permissions_boundary": UNKNOWN}, WANTED, UNDECIDED),
    ],
)
def test_role_has_required_permissions_boundary(source: str, settings: Any, options: Any, verdict: Verdict) -> None:
    """A role has the boundary of the organisation."""
    stack = program(lambda: role("held", **settings))
    assert judge(role_has_required_permissions_boundary, stack, options) == verdict, source


PUT, GET = (allow(f"dynamodb:{verb}", arn("dynamodb", "table/results")) for verb in ("PutItem", "GetItem"))
TWICE = "d15: duplicates"


def two(one: Any, other: Any, *, attached: bool = False) -> Builder:
    """Build a role with two documents."""

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
        (TWICE, two([PUT], [GET]), PASS),
        (TWICE, two([PUT], [{**PUT, "Effect": "Deny"}]), PASS),
        (TWICE, two([PUT, PUT], [GET]), PASS),  # within one document: a21
        (TWICE, two([PUT], [{**PUT, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]), PASS),
        (TWICE, two([PUT], [GET, PUT]), FAIL),
        (TWICE, two([PUT], [{**PUT, "Action": ["DynamoDB:putitem"], "Sid": "Again"}]), FAIL),
        (TWICE, two([GET], [GET], attached=True), FAIL),
        ("unknowns", two([GET], [allow(UNKNOWN, "*")]), UNDECIDED),
    ],
)
def test_role_grants_are_not_repeated_across_policies(source: str, build: Builder, verdict: Verdict) -> None:
    """No two documents of a role say the same."""
    assert judge(role_grants_are_not_repeated_across_policies, program(build)) == verdict, source


ORPHANS = "d15: orphans"


def policy(use: Callable[[Any], object]) -> Builder:
    """Build a policy, and what uses it."""
    return lambda: use(aws.iam.Policy("held", policy=text(document(PUT))))


def nothing(_: Any) -> None:
    """Build nothing more."""


def to_somebody(_: Any) -> None:
    """Build an attachment of which it is not known what it attaches."""
    aws.iam.RolePolicyAttachment("attachment", role="elsewhere", policy_arn=UNKNOWN)


def to_another(_: Any) -> None:
    """Build an attachment of another policy."""
    aws.iam.RolePolicyAttachment("attachment", role="elsewhere", policy_arn=LIMIT)


@examples(
    policy_is_attached,
    "source, use",
    [
        (ORPHANS, lambda held: role("worker", managed_policy_arns=[held.arn]), PASS),
        (ORPHANS, lambda held: role("worker", permissions_boundary=held.arn), PASS),
        (ORPHANS, lambda held: aws.iam.RolePolicyAttachment("a", role="elsewhere", policy_arn=held.arn), PASS),
        (ORPHANS, lambda held: aws.iam.GroupPolicyAttachment("a", group="people", policy_arn=held.arn), PASS),
        (ORPHANS, nothing, FAIL),
        (ORPHANS, to_another, FAIL),
        ("unknowns", to_somebody, UNDECIDED),
    ],
)
def test_policy_is_attached(source: str, use: Callable[[Any], object], verdict: Verdict) -> None:
    """A policy has somebody who has it."""
    assert judge(policy_is_attached, program(policy(use))) == verdict, source


TAKES = "d15: a PolicyAttachment that detaches others (provider's page on aws_iam_policy_attachment: exclusive)"


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
        (TAKES, attachment(), PASS),
        (TAKES, attachment(users=["somebody"]), PASS),
        (TAKES, attachment(also="role"), FAIL),
        (TAKES, attachment(also="exclusive"), FAIL),
        (TAKES, attachment(also="list"), FAIL),
        (TAKES, attachment(arn_=f"{AWS_POLICY}ReadOnlyAccess"), FAIL),  # others in the account have it as well
        ("unknowns", attachment(arn_=UNKNOWN), UNDECIDED),
    ],
)
def test_policy_attachment_is_not_exclusive(source: str, build: Builder, verdict: Verdict) -> None:
    """An exclusive attachment is the only one of its policy."""
    assert judge(policy_attachment_is_not_exclusive, program(build)) == verdict, source


MANAGED = "d9: service-role/AWSLambda*: logs on '*'"
BASIC = f"{AWS_POLICY}service-role/AWSLambdaBasicExecutionRole"


@examples(
    workload_role_has_no_aws_managed_policy,
    "source, build",
    [
        (MANAGED, lambda: worker(PUT), PASS),
        (MANAGED, lambda: worker(managed=[LIMIT]), PASS),
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}AWSXRayDaemonWriteAccess"]), PASS),  # traces have no resource
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}service-role/AWSLambdaENIManagementAccess"]), PASS),
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}AdministratorAccess"]), PASS),  # another rule's
        (MANAGED, lambda: role("held", managed_policy_arns=[BASIC]), PASS),  # nobody works under it here
        (MANAGED, lambda: worker(managed=[BASIC]), FAIL),
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"]), FAIL),
        (MANAGED, lambda: worker(managed=[BASIC.replace(":aws:", ":aws-cn:", 1)]), FAIL),
        (MANAGED, lambda: worker(managed=[f"{AWS_POLICY}AmazonS3ReadOnlyAccess"]), FAIL),
    ],
)
def test_workload_role_has_no_aws_managed_policy(source: str, build: Builder, verdict: Verdict) -> None:
    """A workload's policies name what it works with."""
    assert judge(workload_role_has_no_aws_managed_policy, program(build)) == verdict, source


def test_what_is_out_of_order_is_named() -> None:
    """With the document or the attachment that is there as well."""
    (finding,) = judgements(role_grants_are_not_repeated_across_policies, program(two([PUT], [GET, PUT])))[
        "held"
    ].findings
    assert (finding.message, finding.path) == (
        "has by inline policy other what it has by inline policy work",
        "policy.Statement[1]",
    )
    assert messages(policy_attachment_is_not_exclusive, program(attachment(also="role"))) == [
        "takes its policy from those of also"
    ]
    (basic,) = judgements(workload_role_has_no_aws_managed_policy, program(lambda: worker(managed=[BASIC])))[
        "worker-role"
    ].findings
    assert basic.message.startswith("has the AWS managed policy AWSLambdaBasicExecutionRole")
    assert basic.path == "managedPolicyArns[0]"
