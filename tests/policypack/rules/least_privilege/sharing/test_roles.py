"""Roles that services and functions share, and trust policies that allow the services that use the role."""

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
    """Build a CodeBuild project."""
    source = aws.codebuild.ProjectSourceArgs(type="NO_SOURCE", buildspec="version: 0.2")
    artifacts = aws.codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS")
    place = aws.codebuild.ProjectEnvironmentArgs(compute_type="BUILD_GENERAL1_SMALL", image="i", type="LINUX_CONTAINER")
    aws.codebuild.Project("project", artifacts=artifacts, environment=place, service_role=arn, source=source)


def nothing(_: Any) -> None:
    """Build nothing more."""


def elsewhere(_: Any) -> None:
    """Build a function with a role outside the stack."""
    function("second", role=ELSEWHERE)


def open_role(_: Any) -> None:
    """Build a function whose role is unknown at preview."""
    function("second", role=UNKNOWN)


def machine_and_open_role(arn: Any) -> None:
    """Build both."""
    machine(arn)
    open_role(arn)


def both(one: Builder, other: Builder, service: str = "lambda.amazonaws.com") -> Callable[[], None]:
    """Build a role with two resources that use it."""

    def build() -> None:
        arn = role("shared", service).arn
        one(arn)
        other(arn)

    return build


@examples(
    role_is_not_shared_across_services,
    "source, one, other",
    [
        ("two services", worker, machine, FAIL),
        ("two services", worker, pipe, FAIL),
        ("two services", machine, project, FAIL),
        ("one service", worker, nothing, PASS),
        ("two resources of one service", worker, second, PASS),
        ("judged by sagemaker-role-is-not-shared", worker, model, PASS),
        ("another role", worker, elsewhere, PASS),
        ("unknowns: the role of a function", worker, open_role, UNDECIDED),
        ("unknowns: two services are certain", worker, machine_and_open_role, FAIL),
    ],
)
def test_role_is_not_shared_across_services(source: str, one: Builder, other: Builder, verdict: Verdict) -> None:
    """No two services use the same role."""
    assert judge(role_is_not_shared_across_services, program(both(one, other))) == verdict, source


@examples(
    role_is_not_shared_across_functions,
    "source, one, other",
    [
        ("two functions", worker, second, FAIL),
        ("one function", worker, nothing, PASS),
        ("another role", worker, elsewhere, PASS),
        ("judged by role-is-not-shared-across-services", worker, machine, PASS),
        ("unknowns: the role of a function", worker, open_role, UNDECIDED),
    ],
)
def test_role_is_not_shared_across_functions(source: str, one: Builder, other: Builder, verdict: Verdict) -> None:
    """No two functions use the same role."""
    assert judge(role_is_not_shared_across_functions, program(both(one, other))) == verdict, source


GUIDE = "IAM user guide, 'Roles terms and concepts'"


@examples(
    role_trust_policy_allows_its_workloads,
    "source, policy, user",
    [
        (GUIDE, trust("lambda.amazonaws.com"), worker, PASS),
        (GUIDE, trust("edgelambda.amazonaws.com", "lambda.amazonaws.com"), worker, PASS),
        (GUIDE, trust("states.eu-west-1.amazonaws.com"), machine, PASS),
        (GUIDE, trust("sagemaker.amazonaws.com"), model, PASS),
        (GUIDE, trust("sagemaker.amazonaws.com"), nothing, PASS),
        (GUIDE, trust("sagemaker.amazonaws.com"), worker, FAIL),
        (GUIDE, trust("lambda.amazonaws.com"), machine, FAIL),
        (GUIDE, trust("ec2.amazonaws.com"), pipe, FAIL),
        (GUIDE, trust("lambda.amazonaws.com"), model, FAIL),
        ("unknowns: the trust policy", UNKNOWN, worker, UNDECIDED),
    ],
)
def test_role_trust_policy_allows_its_workloads(source: str, policy: Any, user: Builder, verdict: Verdict) -> None:
    """The trust policy allows each service that uses the role."""
    build = lambda: user(role("held", assume_role_policy=policy).arn)  # noqa: E731 - as short as its use
    assert judge(role_trust_policy_allows_its_workloads, program(build)) == verdict, source


def test_messages_name_the_users_of_a_role() -> None:
    """The subjects are the roles."""

    def build() -> None:
        shared = role("shared")
        for user in (worker, second, machine):
            user(shared.arn)

    stack = program(build)
    (services,) = judgements(role_is_not_shared_across_services, stack)["shared"].findings
    assert (
        services.message == "is used by several services: lambda.amazonaws.com (second), states.amazonaws.com (machine)"
    )
    assert messages(role_is_not_shared_across_functions, stack) == ["is used by 2 functions: second, worker"]
    (trusted,) = judgements(role_trust_policy_allows_its_workloads, stack)["shared"].findings
    assert trusted.message == "does not trust states.amazonaws.com, which runs machine with it"
    assert trusted.path == "assumeRolePolicy"


def test_role_arn_that_is_built_from_the_name() -> None:
    """A role is found by an ARN that the program builds from its name."""

    def build() -> None:
        arn = pulumi.Output.concat("arn:aws:iam::123456789012:role/", role("shared").name)
        worker(arn)
        machine(arn)

    assert judge(role_is_not_shared_across_services, program(build)) == FAIL
