"""Tests of policypack/rules/network/sagemaker.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws
import pytest

from policypack.rules.network.sagemaker import sagemaker_model_enables_network_isolation
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.endpoints import SERVERLESS, TWO, configuration
from tests.policypack.rules.examples import examples

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict


@examples(
    sagemaker_model_enables_network_isolation,
    "isolated",
    [
        (True, PASS),
        (False, FAIL),
        (None, FAIL),  # AWS's default
        (UNKNOWN, UNDECIDED),
    ],
)
def test_sagemaker_model_enables_network_isolation(isolated: Any, verdict: Verdict) -> None:
    """The model's containers have no network access."""
    stack = program(lambda: aws.sagemaker.Model("model", execution_role_arn="arn", enable_network_isolation=isolated))
    assert judge(sagemaker_model_enables_network_isolation, stack) == verdict


@pytest.mark.parametrize(
    ("variants", "verdict"),
    [
        ([SERVERLESS], PASS),  # serverless endpoints do not support network isolation
        ([SERVERLESS, TWO], FAIL),  # instances support it
        ([TWO], FAIL),
    ],
)
def test_model_of_serverless_endpoints_passes_without_isolation(variants: list[Any], verdict: Verdict) -> None:
    """The rule does not ask for what AWS rejects."""

    def build() -> None:
        aws.sagemaker.Model("model", name="model", execution_role_arn="arn")
        configuration(variants)

    assert judge(sagemaker_model_enables_network_isolation, program(build)) == verdict


def test_message_about_a_model_without_isolation() -> None:
    """The message describes the model."""
    stack = program(lambda: aws.sagemaker.Model("model", execution_role_arn="arn"))
    assert messages(sagemaker_model_enables_network_isolation, stack) == ["has network isolation disabled"]
