"""Tests of policypack/rules/resilience/sagemaker.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.resilience.sagemaker import sagemaker_endpoint_has_multiple_instances
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.endpoints import ONE, SERVERLESS, TWO, Variant, configuration
from tests.policypack.rules.examples import examples

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

Scaling = aws.sagemaker.EndpointConfigurationProductionVariantManagedInstanceScalingArgs
ASYNCHRONOUS = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(
    output_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(
        s3_output_path="s3://results/"
    )
)


def variant(count: Any, scaling: Any = None, weight: Any = None) -> Any:
    """Give a production variant on instances."""
    return Variant(
        model_name="model",
        instance_type="ml.m5.large",
        initial_instance_count=count,
        managed_instance_scaling=scaling,
        initial_variant_weight=weight,
    )


@examples(
    sagemaker_endpoint_has_multiple_instances,
    "variants, settings",
    [
        ([TWO], {}, PASS),
        ([ONE], {}, FAIL),
        ([variant(None)], {}, FAIL),
        ([SERVERLESS], {}, PASS),  # has no instances
        ([TWO, ONE], {}, FAIL),  # each variant serves its own share of the traffic
        ([TWO, variant(1, weight=0)], {}, PASS),  # takes no traffic
        ([variant(1, Scaling(status="ENABLED", min_instance_count=2, max_instance_count=4))], {}, PASS),
        (
            [variant(2, Scaling(status="ENABLED", min_instance_count=1, max_instance_count=4))],
            {},
            FAIL,
        ),  # scales down to one
        ([variant(2, Scaling(status="ENABLED", min_instance_count=0, max_instance_count=4))], {}, FAIL),
        ([variant(2, Scaling(status="DISABLED", min_instance_count=1))], {}, PASS),
        ([variant(2, Scaling(status="ENABLED"))], {}, PASS),
        ([ONE], {"async_inference_config": ASYNCHRONOUS}, PASS),  # its requests wait in a queue for an instance
        ([variant(UNKNOWN)], {}, UNDECIDED),
        ([variant(2, Scaling(status="ENABLED", min_instance_count=UNKNOWN))], {}, UNDECIDED),
        (UNKNOWN, {}, UNDECIDED),
    ],
)
def test_sagemaker_endpoint_has_multiple_instances(variants: Any, settings: Any, verdict: Verdict) -> None:
    """The endpoint is available while one instance fails."""
    stack = program(lambda: configuration(variants, **settings))
    assert judge(sagemaker_endpoint_has_multiple_instances, stack) == verdict


def test_shadow_variants_are_not_judged() -> None:
    """A shadow variant processes a copy of the traffic, and no client waits for its answers."""

    def build() -> None:
        lone = aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs(initial_instance_count=1)
        configuration([TWO], shadow_production_variants=[lone])

    assert judge(sagemaker_endpoint_has_multiple_instances, program(build)) == PASS


def test_finding_has_the_path_of_the_variant() -> None:
    """The path contains the variant's index and the property."""
    weak = variant(2, Scaling(status="ENABLED", min_instance_count=0))
    stack = program(lambda: configuration([TWO, ONE, weak]))
    findings = judgements(sagemaker_endpoint_has_multiple_instances, stack)["config"].findings
    assert [(finding.message, finding.path) for finding in findings] == [
        ("may run on 1 instance", "productionVariants[1].initialInstanceCount"),
        ("may run on 0 instances", "productionVariants[2].managedInstanceScaling.minInstanceCount"),
    ]
