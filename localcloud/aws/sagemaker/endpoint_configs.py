"""Validation of endpoint configurations, and of changes to an existing endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from localcloud.aws.http_messages import AwsError
from localcloud.aws.sagemaker.resource_store import CONFIGS, INVALID, MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]

SERVERLESS_LACKS: Final = ("VpcConfig", "EnableNetworkIsolation")
SERVERLESS_MEMORY: Final = frozenset({1024, 2048, 3072, 4096, 5120, 6144})
"""https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html: feature exclusions, memory in MB."""
MOST_CONCURRENT: Final = 200
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html."""


def create(wanted: Document) -> Document:
    """CreateEndpointConfig; the models have to exist and to fit their variants."""
    variants = [*wanted["ProductionVariants"], *(wanted.get("ShadowProductionVariants") or [])]
    for variant in variants:
        if "ModelName" not in variant:
            continue  # inference components bring the model
        model = MODELS.get(variant["ModelName"])
        for lacking in SERVERLESS_LACKS if "ServerlessConfig" in variant else ():
            if model.get(lacking):
                raise AwsError(INVALID, f"{lacking} is not supported for Serverless Inference.")
    for reason in [*_serverless(wanted, variants), *_asynchronous(wanted, variants)]:
        raise AwsError(INVALID, reason)
    return {"EndpointConfigArn": CONFIGS.create(wanted)["EndpointConfigArn"]}


def check_change(endpoint: str, before: Document, after: Document) -> None:
    """Raise AwsError if an endpoint cannot change to this shape.

    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html: instances cannot become serverless.
    """
    if is_serverless(after) and not is_serverless(before):
        raise AwsError(INVALID, f"Cannot update the instance-based endpoint {endpoint} to a serverless endpoint.")
    for one, other, verb in ((before, after, "removed from"), (after, before, "added to")):
        if "AsyncInferenceConfig" in one and "AsyncInferenceConfig" not in other:
            raise AwsError(
                INVALID,
                f"The AsyncInferenceConfig parameter cannot be {verb} this endpoint {endpoint}. "
                "To change the endpoint type, create a new endpoint.",
            )


def is_serverless(config: Document) -> bool:
    """Whether the variants of a configuration are serverless."""
    return any("ServerlessConfig" in variant for variant in config["ProductionVariants"])


def _serverless(wanted: Document, variants: list[Document]) -> Iterator[str]:
    for variant in variants:
        settings = variant.get("ServerlessConfig")
        if settings is None:
            if "ModelName" in variant and not variant.get("InstanceType"):
                yield "Either InstanceType or ServerlessConfig must be specified for a production variant."
            continue
        if variant.get("InstanceType") or variant.get("InitialInstanceCount"):
            yield "InstanceType and InitialInstanceCount cannot be specified with ServerlessConfig."
        if settings["MemorySizeInMB"] not in SERVERLESS_MEMORY:
            yield f"MemorySizeInMB has to be one of {sorted(SERVERLESS_MEMORY)}, not {settings['MemorySizeInMB']}."
        most, warm = settings["MaxConcurrency"], settings.get("ProvisionedConcurrency", 1)
        if not 1 <= most <= MOST_CONCURRENT:
            yield f"MaxConcurrency has to be between 1 and {MOST_CONCURRENT}, not {most}."
        if not 1 <= warm <= most:
            yield f"ProvisionedConcurrency has to be between 1 and MaxConcurrency ({most}), not {warm}."
        if len(variants) > 1:
            yield "Multiple production variants are not supported for Serverless Inference."
        if (wanted.get("DataCaptureConfig") or {}).get("EnableCapture"):
            yield "DataCaptureConfig is not supported for Serverless Inference."


def _asynchronous(wanted: Document, variants: list[Document]) -> Iterator[str]:
    settings = wanted.get("AsyncInferenceConfig")
    if settings is None:
        return
    if any("ServerlessConfig" in variant for variant in variants):
        yield "AsyncInferenceConfig is not supported for Serverless Inference."
    if len(variants) > 1:
        yield "Multiple production variants are not supported when specifying an AsyncInferenceConfig."
    output = settings["OutputConfig"]
    for name in ("S3OutputPath", "S3FailurePath"):
        if not str(output.get(name, "s3://")).startswith("s3://"):
            yield f"{name} has to be an S3 URI, not {output[name]}."
