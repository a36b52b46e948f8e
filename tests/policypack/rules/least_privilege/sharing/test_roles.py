"""Roles, and who works under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from policypack.rules.least_privilege.sharing.roles import (
    role_is_not_shared_across_functions,
    role_is_not_shared_across_services,
    role_trust_policy_allows_its_workloads,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.least_privilege.sharing.test_sagemaker import machine, model, worker
from tests.policypack.rules.programs import function, role, trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[Any], object]

ELSEWHERE = "arn:aws:iam::123456789012:role/elsewhere"


def second(arn: Any) -> None:
    """Build another function."""
    function("second", role=arn)


def pipe(arn: Any) -> None:
    """Build a pipe."""
    aws.pipes.Pipe("pipe", role_arn=arn, source="arn:aws:sqs:eu-west-1:123456789012:work", target=ELSEWHERE)


def project(arn: Any) -> None:
    """Build a project of CodeBuild."""
    source = aws.codebuild.ProjectSourceArgs(type="NO_SOURCE", buildspec="version: 0.2")
    artifacts = aws.codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS")
    place = aws.codebuild.ProjectEnvironmentArgs(compute_type="BUILD_GENERAL1_SMALL", image="i", type="LINUX_CONTAINER")
    aws.codebuild.Project("project", artifacts=artifacts, environment=place, service_role=arn, source=source)


def nothing(_: Any) -> None:
    """Build nothing more."""


def elsewhere(_: Any) -> None:
    """Build a function under a role that is not in the program."""
    function("second", role=ELSEWHERE)


def open_role(_: Any) -> None:
    """Build a function whose role is not known yet."""
    function("second", role=UNKNOWN)


def machine_and_open_role(arn: Any) -> None:
    """Build both."""
    machine(arn)
    open_role(arn)


def both(one: Builder, other: Builder, service: str = "lambda.amazonaws.com") -> Callable[[], None]:
    """Build a role with two users."""

    def build() -> None:
        arn = role("shared", service).arn
        one(arn)
        other(arn)

    return build


@examples(
    role_is_not_shared_across_services,
    "source, one, other",
    [
        ("d1: one role used by two kinds of service", worker, machine, FAIL),
        ("d1: one role used by two kinds of service", worker, pipe, FAIL),
        ("d1: one role used by two kinds of service", machine, project, FAIL),
        ("d1: a role of its own", worker, nothing, PASS),
        ("d1: two of one kind are d2's matter", worker, second, PASS),
        ("d1: with SageMaker it is sagemaker-role-is-not-shared that speaks", worker, model, PASS),
        ("d1: another role is another's matter", worker, elsewhere, PASS),
        ("unknowns: who works under a role that is not known yet", worker, open_role, UNDECIDED),
        ("unknowns: what is known is enough", worker, machine_and_open_role, FAIL),
    ],
)
def test_role_is_not_shared_across_services(source: str, one: Builder, other: Builder, verdict: Verdict) -> None:
    """Each service has a role of its own."""
    assert judge(role_is_not_shared_across_services, program(both(one, other))) == verdict, source


@examples(
    role_is_not_shared_across_functions,
    "source, one, other",
    [
        ("d2: one role for several functions", worker, second, FAIL),
        ("d2: a role of its own", worker, nothing, PASS),
        ("d2: another role is another's matter", worker, elsewhere, PASS),
        ("d2: a service beside it is d1's matter", worker, machine, PASS),
        ("unknowns: who works under a role that is not known yet", worker, open_role, UNDECIDED),
    ],
)
def test_role_is_not_shared_across_functions(source: str, one: Builder, other: Builder, verdict: Verdict) -> None:
    """Each function has a role of its own."""
    assert judge(role_is_not_shared_across_functions, program(both(one, other))) == verdict, source


SERVICES = "d3: the trust policy lets in who uses the role (IAM user guide, 'Roles terms and concepts')"


@examples(
    role_trust_policy_allows_its_workloads,
    "source, policy, user",
    [
        (SERVICES, trust("lambda.amazonaws.com"), worker, PASS),
        (SERVICES, trust("edgelambda.amazonaws.com", "lambda.amazonaws.com"), worker, PASS),
        (SERVICES, trust("states.eu-west-1.amazonaws.com"), machine, PASS),
        (SERVICES, trust("sagemaker.amazonaws.com"), model, PASS),
        (SERVICES, trust("sagemaker.amazonaws.com"), nothing, PASS),
        (SERVICES, trust("sagemaker.amazonaws.com"), worker, FAIL),
        (SERVICES, trust("lambda.amazonaws.com"), machine, FAIL),
        (SERVICES, trust("ec2.amazonaws.com"), pipe, FAIL),
        (SERVICES, trust("lambda.amazonaws.com"), model, FAIL),
        ("unknowns: a trust policy that is not known yet", UNKNOWN, worker, UNDECIDED),
    ],
)
def test_role_trust_policy_allows_its_workloads(source: str, policy: Any, user: Builder, verdict: Verdict) -> None:
    """Whoever works under a role may assume it."""
    build = lambda: user(role("held", assume_role_policy=policy).arn)  # noqa: E731 - as short as its use
    assert judge(role_trust_policy_allows_its_workloads, program(build)) == verdict, source


def test_what_is_said_of_users() -> None:
    """Roles are the subjects, and their users are named."""

    def build() -> None:
        shared = role("shared")
        for user in (worker, second, machine):
            user(shared.arn)

    stack = program(build)
    (services,) = judgements(role_is_not_shared_across_services, stack)["shared"].findings
    assert services.message == "is the role of lambda.amazonaws.com (second), states.amazonaws.com (machine)"
    assert messages(role_is_not_shared_across_functions, stack) == ["is the role of 2 functions, second, worker"]
    (trusted,) = judgements(role_trust_policy_allows_its_workloads, stack)["shared"].findings
    assert trusted.message == "does not trust states.amazonaws.com, for which machine works under it"
    assert trusted.path == "assumeRolePolicy"


def test_a_role_by_name_is_followed_too() -> None:
    """An ARN that is made from the role's name is known at once."""

    def build() -> None:
        arn = pulumi.Output.concat("arn:aws:iam::123456789012:role/", role("shared").name)
        worker(arn)
        machine(arn)

    assert judge(role_is_not_shared_across_services, program(build)) == FAIL
