"""Endpoints that answer while one of their instances is gone."""

from policypack.model import ENDPOINT_CONFIGURATION, Resource
from policypack.model.resource import Node
from policypack.rule import Findings, Severity, rule

_ENOUGH = 2  # SageMaker spreads two or more instances over Availability Zones (its "Best practices" for endpoints)


@rule(
    on=ENDPOINT_CONFIGURATION,
    severity=Severity.MEDIUM,
    fix="Set initial_instance_count of every production variant to 2 or more, or give it a serverless_config.",
)
def sagemaker_endpoint_has_multiple_instances(configuration: Resource) -> Findings:
    """A lone instance takes the endpoint with it when it fails, and every message in flight with the endpoint.

    Serverless variants have no instances to lose. An asynchronous endpoint may scale to zero: its requests wait in a
    queue of its own until an instance is back.
    """
    if configuration.has("asyncInferenceConfig"):
        return
    for variant in configuration.each("productionVariants"):
        if variant.has("serverlessConfig") or variant.get("initialVariantWeight", 1) == 0:  # 0: it takes no traffic
            continue
        path = _least_instances(variant)
        if (count := variant.get(path, 1)) < _ENOUGH:
            yield f"may run on {count} instance{'s' * (count != 1)}", variant.at(path)


def _least_instances(variant: Node) -> str:
    """The property that says how few instances the variant may come down to."""
    scaling = "managedInstanceScaling"
    if variant.get(f"{scaling}.status") == "ENABLED" and variant.has(f"{scaling}.minInstanceCount"):
        return f"{scaling}.minInstanceCount"
    return "initialInstanceCount"
