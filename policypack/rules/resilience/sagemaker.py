"""Endpoints that stay available when one of their instances fails."""

from policypack.model import ENDPOINT_CONFIGURATION, Resource
from policypack.model.resource import Node
from policypack.rule import Findings, Severity, rule

_REDUNDANT_INSTANCES = 2  # SageMaker AI developer guide, "Best practices for deploying models": across two zones


@rule(
    on=ENDPOINT_CONFIGURATION,
    severity=Severity.MEDIUM,
    fix="Set initial_instance_count (min_instance_count of managed_instance_scaling) of every production variant to 2 "
    "or more, or give it a serverless_config.",
    terms=("high availability", "Multi-AZ", "single point of failure", "redundancy"),
)
def sagemaker_endpoint_has_multiple_instances(configuration: Resource) -> Findings:
    """An endpoint variant that runs on one instance is unavailable when this instance fails.

    SageMaker AI places two or more instances in different Availability Zones (SageMaker AI developer guide, "Best
    practices for deploying models on SageMaker AI Hosting Services"). Serverless variants pass, because they have no
    instances, and so do variants without traffic. Asynchronous endpoints pass, because their requests wait in a queue
    until an instance is available.
    """
    if configuration.has("asyncInferenceConfig"):
        return
    for variant in configuration.each("productionVariants"):
        if variant.has("serverlessConfig") or variant.get("initialVariantWeight", 1) == 0:  # 0: it takes no traffic
            continue
        path = _minimum_instances_path(variant)
        if (count := variant.get(path, 1)) < _REDUNDANT_INSTANCES:
            yield f"may run on {count} instance{'s' * (count != 1)}", variant.at(path)


def _minimum_instances_path(variant: Node) -> str:
    """The property that holds the variant's smallest number of instances."""
    scaling = "managedInstanceScaling"
    if variant.get(f"{scaling}.status") == "ENABLED" and variant.has(f"{scaling}.minInstanceCount"):
        return f"{scaling}.minInstanceCount"
    return "initialInstanceCount"
