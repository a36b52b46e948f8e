"""Services that share a role, and AWS managed policies with full access."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.identity.managed_policies import role_has_no_full_access_managed_policy
from policypack.rules.least_privilege.identity.star_grants import role_trusts_one_service
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import role, trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

SAGEMAKER = "sagemaker.amazonaws.com"
AWS_POLICY = "arn:aws:iam::aws:policy"


def statement(principal: Any, effect: str = "Allow") -> str:
    """Give a trust policy of one statement."""
    body = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": body})


def denying_others() -> str:
    """Give a trust policy that denies a second service."""
    allowed, denied = (json.loads(statement({"Service": name}, effect))["Statement"] for name, effect in PAIR)
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed, denied]})


PAIR = (("lambda.amazonaws.com", "Allow"), (SAGEMAKER, "Deny"))


@examples(
    role_trusts_one_service,
    "policy",
    [
        (trust("lambda.amazonaws.com"), PASS),
        (trust("lambda.amazonaws.com", SAGEMAKER), FAIL),
        (trust("states.amazonaws.com", "states.eu-west-1.amazonaws.com"), PASS),  # one service, named twice
        (trust("ec2.amazonaws.com", "ec2.amazonaws.com.cn"), PASS),  # the same in two partitions
        (trust("logs.eu-west-1.amazonaws.com", "logs.us-gov-west-1.amazonaws.com"), PASS),
        (trust("ecs.amazonaws.com", "ecs-tasks.amazonaws.com"), FAIL),
        (trust("ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com"), FAIL),
        (trust("lambda.amazonaws.com", "edgelambda.amazonaws.com"), PASS),  # AWS requires both for Lambda@Edge
        (statement({"AWS": "arn:aws:iam::123456789012:root"}), PASS),  # an account, no service
        (statement("*"), PASS),  # another rule reports it
        (denying_others(), PASS),
        ("this is no policy", PASS),  # IAM rejects it
        (UNKNOWN, UNDECIDED),
    ],
)
def test_role_trusts_one_service(policy: Any, verdict: Verdict) -> None:
    """A role trusts one service only."""
    assert judge(role_trusts_one_service, program(lambda: role(assume_role_policy=policy))) == verdict


def test_messages_name_the_services() -> None:
    """Services of all statements count."""
    one, other = (json.loads(trust(name))["Statement"][0] for name in (SAGEMAKER, "lambda.amazonaws.com"))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [one, other]})
    stack = program(lambda: role(assume_role_policy=policy))
    assert messages(role_trusts_one_service, stack) == ["trusts 2 services: lambda, sagemaker"]


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
