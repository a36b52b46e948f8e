"""Rules about models and endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws
import pytest

from policypack.rules.network.sagemaker import sagemaker_model_enables_network_isolation
from policypack.rules.resilience.sagemaker import sagemaker_endpoint_has_multiple_instances
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

Variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs
Scaling = aws.sagemaker.EndpointConfigurationProductionVariantManagedInstanceScalingArgs
ONE = Variant(model_name="model", instance_type="ml.m5.large", initial_instance_count=1)
TWO = Variant(model_name="model", instance_type="ml.m5.large", initial_instance_count=2)
SERVERLESS = Variant(
    model_name="model",
    serverless_config=aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
        max_concurrency=5, memory_size_in_mb=2048
    ),
)
ASYNCHRONOUS = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(
    output_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(
        s3_output_path="s3://results/"
    )
)


def variant(count: Any, scaling: Any = None, weight: Any = None) -> Any:
    """Give a variant on instances."""
    return Variant(
        model_name="model",
        instance_type="ml.m5.large",
        initial_instance_count=count,
        managed_instance_scaling=scaling,
        initial_variant_weight=weight,
    )


def configuration(variants: Any, **settings: Any) -> aws.sagemaker.EndpointConfiguration:
    """Give the configuration of an endpoint."""
    return aws.sagemaker.EndpointConfiguration("config", production_variants=variants, **settings)


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
    """The model's container reaches nothing."""
    stack = program(lambda: aws.sagemaker.Model("model", execution_role_arn="arn", enable_network_isolation=isolated))
    assert judge(sagemaker_model_enables_network_isolation, stack) == verdict


@pytest.mark.parametrize(
    ("variants", "verdict"),
    [
        ([SERVERLESS], PASS),  # SageMaker offers no isolation there
        ([SERVERLESS, TWO], FAIL),  # it also runs where it could be isolated
        ([TWO], FAIL),
    ],
)
def test_a_model_that_only_serverless_endpoints_serve_cannot_be_isolated(variants: list[Any], verdict: Verdict) -> None:
    """What AWS refuses is not asked for."""

    def build() -> None:
        aws.sagemaker.Model("model", name="model", execution_role_arn="arn")
        configuration(variants)

    assert judge(sagemaker_model_enables_network_isolation, program(build)) == verdict


def test_what_is_said_of_an_open_model() -> None:
    """The message is about the model."""
    stack = program(lambda: aws.sagemaker.Model("model", execution_role_arn="arn"))
    assert messages(sagemaker_model_enables_network_isolation, stack) == ["lets its containers reach the network"]


@examples(
    sagemaker_endpoint_has_multiple_instances,
    "variants, settings",
    [
        ([TWO], {}, PASS),
        ([ONE], {}, FAIL),
        ([variant(None)], {}, FAIL),
        ([SERVERLESS], {}, PASS),  # has no instances to lose
        ([TWO, ONE], {}, FAIL),  # each variant answers its own share of the calls
        ([TWO, variant(1, weight=0)], {}, PASS),  # takes no traffic yet
        ([variant(1, Scaling(status="ENABLED", min_instance_count=2, max_instance_count=4))], {}, PASS),
        (
            [variant(2, Scaling(status="ENABLED", min_instance_count=1, max_instance_count=4))],
            {},
            FAIL,
        ),  # comes down to one
        ([variant(2, Scaling(status="ENABLED", min_instance_count=0, max_instance_count=4))], {}, FAIL),
        ([variant(2, Scaling(status="DISABLED", min_instance_count=1))], {}, PASS),
        ([variant(2, Scaling(status="ENABLED"))], {}, PASS),
        ([ONE], {"async_inference_config": ASYNCHRONOUS}, PASS),  # its requests wait for an instance
        ([variant(UNKNOWN)], {}, UNDECIDED),
        ([variant(2, Scaling(status="ENABLED", min_instance_count=UNKNOWN))], {}, UNDECIDED),
        (UNKNOWN, {}, UNDECIDED),
    ],
)
def test_sagemaker_endpoint_has_multiple_instances(variants: Any, settings: Any, verdict: Verdict) -> None:
    """One instance may fail, and the endpoint still answers."""
    stack = program(lambda: configuration(variants, **settings))
    assert judge(sagemaker_endpoint_has_multiple_instances, stack) == verdict


def test_shadow_variants_answer_nobody() -> None:
    """A copy of the traffic may be lost."""

    def build() -> None:
        lone = aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs(initial_instance_count=1)
        configuration([TWO], shadow_production_variants=[lone])

    assert judge(sagemaker_endpoint_has_multiple_instances, program(build)) == PASS


def test_each_weak_variant_is_named_by_its_place() -> None:
    """The path says which variant, and which of its properties."""
    weak = variant(2, Scaling(status="ENABLED", min_instance_count=0))
    stack = program(lambda: configuration([TWO, ONE, weak]))
    findings = judgements(sagemaker_endpoint_has_multiple_instances, stack)["config"].findings
    assert [(finding.message, finding.path) for finding in findings] == [
        ("may run on 1 instance", "productionVariants[1].initialInstanceCount"),
        ("may run on 0 instances", "productionVariants[2].managedInstanceScaling.minInstanceCount"),
    ]
