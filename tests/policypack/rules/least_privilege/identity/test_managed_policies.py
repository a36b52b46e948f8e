"""AWS managed policies with full access, however they are attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.identity.managed_policies import role_has_no_full_access_managed_policy
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

AWS_POLICY = "arn:aws:iam::aws:policy"


def attached(arn: Any) -> None:
    """Attach a policy to a role by name."""
    aws.iam.RolePolicyAttachment("attachment", role="worker", policy_arn=arn)


def attached_to(**holders: Any) -> Callable[[Any], object]:
    """Give a program that attaches a policy to these users, groups and roles."""
    return lambda arn: aws.iam.PolicyAttachment("attachment", policy_arn=arn, **holders)


def listed(arn: Any) -> None:
    """List the policy in the role."""
    role(managed_policy_arns=[f"{AWS_POLICY}/service-role/AWSLambdaSQSQueueExecutionRole", arn])


def listed_apart(arn: Any) -> None:
    """List the policy in a resource of its own."""
    aws.iam.RolePolicyAttachmentsExclusive("attachments", role_name="worker", policy_arns=[arn])


def own(attach: Callable[[Any], object]) -> Callable[[Any], object]:
    """Give a program that also creates the policy, whose ARN is not known at preview."""
    return lambda _: attach(aws.iam.Policy("policy", policy="{}").arn)


@examples(
    role_has_no_full_access_managed_policy,
    "build, arn",
    [
        (attached, f"{AWS_POLICY}/AmazonSQSFullAccess", FAIL),
        (attached, f"{AWS_POLICY}/AmazonSageMakerFullAccess", FAIL),
        (attached, f"{AWS_POLICY}/AWSLambda_FullAccess", FAIL),
        (attached, f"{AWS_POLICY}/CloudWatchFullAccessV2", FAIL),
        (attached, f"{AWS_POLICY}/IAMFullAccess", FAIL),
        (attached, f"{AWS_POLICY}/AdministratorAccess", FAIL),
        (attached, f"{AWS_POLICY}/AdministratorAccess-Amplify", FAIL),
        (attached, f"{AWS_POLICY}/PowerUserAccess", FAIL),
        (attached, "arn:aws-cn:iam::aws:policy/AmazonS3FullAccess", FAIL),  # another partition
        (attached, f"{AWS_POLICY}/AmazonDynamoDBReadOnlyAccess", PASS),
        (attached, f"{AWS_POLICY}/service-role/AWSLambdaBasicExecutionRole", PASS),
        (attached, f"{AWS_POLICY}/service-role/AmplifyBackendDeployFullAccess", PASS),  # a service role's
        (attached, "arn:aws:iam::123456789012:policy/QueueFullAccess", PASS),  # customer managed
        (attached, UNKNOWN, UNDECIDED),
        (own(attached), None, PASS),  # created by the program, so not managed by AWS
        (attached_to(roles=["worker"]), f"{AWS_POLICY}/AdministratorAccess", FAIL),
        (attached_to(users=["ada"]), f"{AWS_POLICY}/AdministratorAccess", PASS),  # a user, not a role
        (attached_to(roles=[], groups=["admins"]), f"{AWS_POLICY}/AdministratorAccess", PASS),
        (own(attached_to(roles=["worker"])), None, PASS),
        (attached_to(roles=UNKNOWN), f"{AWS_POLICY}/AdministratorAccess", UNDECIDED),
        (listed, f"{AWS_POLICY}/AmazonSQSFullAccess", FAIL),
        (listed, f"{AWS_POLICY}/AWSXRayDaemonWriteAccess", PASS),
        (listed, UNKNOWN, UNDECIDED),
        (own(listed), None, PASS),
        (listed_apart, f"{AWS_POLICY}/AmazonSQSFullAccess", FAIL),
        (listed_apart, f"{AWS_POLICY}/AWSXRayDaemonWriteAccess", PASS),
    ],
)
def test_role_has_no_full_access_managed_policy(build: Callable[[Any], object], arn: Any, verdict: Verdict) -> None:
    """Every way to attach a policy is judged."""
    assert judge(role_has_no_full_access_managed_policy, program(lambda: build(arn))) == verdict


def test_an_unknown_arn_does_not_hide_the_others() -> None:
    """Known ARNs in a list are judged, each with its path."""
    stack = program(lambda: role("worker", managed_policy_arns=[UNKNOWN, f"{AWS_POLICY}/AmazonSQSFullAccess"]))
    judgement = judgements(role_has_no_full_access_managed_policy, stack)["worker"]
    (finding,) = judgement.findings
    assert (finding.message, finding.path) == (
        "has the AWS managed policy AmazonSQSFullAccess",
        "managedPolicyArns[1]",
    )
    assert judgement.unknown == "managedPolicyArns[0]"
