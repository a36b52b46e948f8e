"""Roles that SageMaker AI shares with another service, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.rules.least_privilege.sharing.sagemaker import sagemaker_role_is_not_shared
from policypack.testing import FAIL, NOT_APPLICABLE, PASS, UNDECIDED, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, role

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

SAGEMAKER = "sagemaker.amazonaws.com"


def model(arn: Any) -> None:
    """Build a model with this role."""
    aws.sagemaker.Model("model", execution_role_arn=arn)


def configuration(arn: Any) -> None:
    """Build an endpoint configuration with this role."""
    variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs(model_name="model", initial_instance_count=2)
    aws.sagemaker.EndpointConfiguration("configuration", execution_role_arn=arn, production_variants=[variant])


def notebook(arn: Any) -> None:
    """Build a notebook instance with this role."""
    aws.sagemaker.NotebookInstance("notebook", role_arn=arn, instance_type="ml.t3.medium")


def domain(arn: Any) -> None:
    """Build a domain whose users have this role."""
    settings = aws.sagemaker.DomainDefaultUserSettingsArgs(execution_role=arn)
    aws.sagemaker.Domain(
        "domain", auth_mode="IAM", domain_name="d", subnet_ids=["s"], vpc_id="v", default_user_settings=settings
    )


def pipeline(arn: Any) -> None:
    """Build a pipeline with this role."""
    aws.sagemaker.Pipeline("pipeline", pipeline_name="p", pipeline_display_name="p", role_arn=arn)


def worker(arn: Any) -> None:
    """Build a function with this role."""
    function(role=arn)


def machine(arn: Any) -> None:
    """Build a state machine with this role."""
    aws.sfn.StateMachine("machine", definition="{}", role_arn=arn)


def alone(_: Any) -> None:
    """Build nothing more."""


@examples(
    sagemaker_role_is_not_shared,
    "one, other",
    [
        (model, alone, PASS),
        (model, configuration, PASS),  # both are of SageMaker AI
        (model, worker, FAIL),
        (model, machine, FAIL),
        (configuration, worker, FAIL),
        (notebook, worker, FAIL),
        (domain, worker, FAIL),
        (pipeline, machine, FAIL),
        (worker, machine, NOT_APPLICABLE),  # judged by role-is-not-shared-across-services
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_sagemaker_role_is_not_shared(
    one: Callable[[Any], None], other: Callable[[Any], None], verdict: Verdict, *, known: bool
) -> None:
    """No other service uses a role of SageMaker AI, found by its ARN or by the engine's dependencies."""

    def build() -> None:
        shared = role("shared", SAGEMAKER, name="shared")
        arn = "arn:aws:iam::123456789012:role/shared" if known else shared.arn
        one(arn)
        other(arn)

    assert judge(sagemaker_role_is_not_shared, program(build)) == verdict


def test_two_roles() -> None:
    """The model and the function each have a role of their own."""

    def build() -> None:
        model(role("models", SAGEMAKER).arn)
        worker(role("workers").arn)

    assert judge(sagemaker_role_is_not_shared, program(build)) == PASS


def test_finding_names_the_role_and_the_other_user() -> None:
    """The subject is the model."""

    def build() -> None:
        shared = role("shared")
        model(shared.arn)
        worker(shared.arn)

    (finding,) = judgements(sagemaker_role_is_not_shared, program(build))["model"].findings
    assert (finding.message, finding.path) == ("shares its role shared with worker", "executionRoleArn")


def test_role_that_the_deployment_decides() -> None:
    """The function may use the model's role, so the verdict is undecided."""

    def build() -> None:
        one, other = role("one"), role("other")
        model(one.arn)
        worker(pulumi.Output.all(one.arn, other.arn).apply(lambda arns: str(arns[0])))

    assert judge(sagemaker_role_is_not_shared, program(build)) == UNDECIDED


def test_every_sagemaker_type_with_a_role_is_judged() -> None:
    """A type that the rule does not judge could share its role."""
    workloads = {type_ for type_, use in EXECUTION_ROLES.items() if use.service == SAGEMAKER}
    assert sagemaker_role_is_not_shared.on == workloads
    assert {type_ for type_ in EXECUTION_ROLES if type_.startswith("aws:sagemaker/")} == workloads
