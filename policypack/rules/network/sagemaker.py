"""Models whose containers have no network access."""

from collections.abc import Iterator

from policypack.model import ENDPOINT_CONFIGURATION, MODEL, Resource, Stack
from policypack.rule import Findings, Severity, rule

_VARIANTS = ("productionVariants", "shadowProductionVariants")


@rule(
    on=MODEL,
    severity=Severity.MEDIUM,
    fix="Set enable_network_isolation to True.",
    terms=("exfiltration", "egress", "outbound traffic"),
)
def sagemaker_model_enables_network_isolation(model: Resource, stack: Stack) -> Findings:
    """Without network isolation, code in a model's container can send your data to any address on the internet.

    With it, the container can make no network calls and has no AWS credentials; SageMaker AI itself still downloads
    the model artifacts (SageMaker AI developer guide, "Run Training and Inference Containers in Internet-Free Mode").
    Serverless endpoints do not support isolation ("Serverless Inference": feature exclusions), so a model that only
    serverless endpoints serve passes.
    """
    if model.get("enableNetworkIsolation", default=False):
        return
    serverless = list(_variants_are_serverless(model, stack))
    if not serverless or not all(serverless):
        yield "has network isolation disabled", "enableNetworkIsolation"


def _variants_are_serverless(model: Resource, stack: Stack) -> Iterator[bool]:
    """For each variant that serves the model: whether it is serverless."""
    for configuration in stack.of_type(ENDPOINT_CONFIGURATION):
        for kind in _VARIANTS:
            for index, variant in enumerate(configuration.each(kind)):
                served = stack.linked(configuration, f"{kind}[{index}].modelName", MODEL)
                if served is not None and served.urn == model.urn:
                    yield variant.has("serverlessConfig")
