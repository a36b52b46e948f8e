"""Models that cannot carry anything out."""

from collections.abc import Iterator

from policypack.model import ENDPOINT_CONFIGURATION, MODEL, Resource, Stack
from policypack.rule import Findings, Severity, rule

_VARIANTS = ("productionVariants", "shadowProductionVariants")


@rule(on=MODEL, severity=Severity.MEDIUM, fix="Set enable_network_isolation to True.")
def sagemaker_model_enables_network_isolation(model: Resource, stack: Stack) -> Findings:
    """A model container runs code from elsewhere on your data; with the network open it can send that data anywhere.

    Serverless endpoints do not support isolation (SageMaker AI developer guide, "Serverless Inference": feature
    exclusions), so a model that only those serve is left alone.
    """
    if model.get("enableNetworkIsolation", default=False):
        return
    serverless = list(_serverless(model, stack))
    if not serverless or not all(serverless):
        yield "lets its containers reach the network", "enableNetworkIsolation"


def _serverless(model: Resource, stack: Stack) -> Iterator[bool]:
    """Of each variant that serves the model, whether it is serverless."""
    for configuration in stack.of_type(ENDPOINT_CONFIGURATION):
        for kind in _VARIANTS:
            for index, variant in enumerate(configuration.each(kind)):
                served = stack.linked(configuration, f"{kind}[{index}].modelName", MODEL)
                if served is not None and served.urn == model.urn:
                    yield variant.has("serverlessConfig")
