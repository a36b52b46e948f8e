"""The model's endpoint, in the shape that the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pulumi
from components.async_endpoint import AsyncEndpoint, AsyncEndpointArgs
from components.hosting import HostingArgs
from components.instance_endpoint import InstanceEndpoint, InstanceEndpointArgs
from components.model_artefact import ModelArtefact, ModelArtefactArgs
from components.private_bucket import PrivateBucketArgs
from components.serverless_endpoint import ServerlessEndpoint, ServerlessEndpointArgs

if TYPE_CHECKING:
    from foundation import Foundation

MODEL: Final = Path(__file__).resolve().parent / "default_model" / "model.tar.gz"

Endpoint = InstanceEndpoint | ServerlessEndpoint | AsyncEndpoint


def artefact(base: Foundation) -> ModelArtefact | None:
    """The model that comes with the stack, in a bucket; None where the settings name another model."""
    if not base.settings.brings_model:
        return None
    bucket = PrivateBucketArgs(
        place=base.place,
        bucket_name=base.names.bucket("models", base.place),
        key_arn=base.key.arn,
        disposable=base.disposable,
        tags=base.alerting.tags,
    )
    return ModelArtefact("models", ModelArtefactArgs(archive=MODEL, bucket=bucket))


def endpoint(base: Foundation, model: ModelArtefact | None) -> Endpoint:
    """The endpoint. It is named after its shape and instance type: with another of these it is another endpoint."""
    settings, opts = base.settings, pulumi.ResourceOptions(depends_on=[model] if model else None)
    network = base.network
    hosting = HostingArgs(
        place=base.place,
        endpoint_name=base.names.endpoint(settings.endpoint_shape, settings.runs_on),
        image=settings.model_image,
        artefact=model.url if model else settings.model_artefact,
        key_alias=base.key.alias,
        key_arn=base.key.arn,
        log_retention_days=settings.log_retention_days,
        alerting=base.alerting,
        inside=network.model if network and settings.endpoint_shape != "serverless" else None,
    )
    match settings.endpoint_shape:
        case "serverless":
            return ServerlessEndpoint(
                "model",
                ServerlessEndpointArgs(
                    hosting=hosting,
                    memory_mb=settings.serverless_memory_mb,
                    most_concurrency=settings.serverless_concurrency,
                    warm=settings.serverless_warm,
                ),
                opts,
            )
        case "async":
            return AsyncEndpoint(
                "model",
                AsyncEndpointArgs(
                    hosting=hosting,
                    bucket_name=base.names.bucket("batches", base.place),
                    instance_type=settings.model_instance_type,
                    most=settings.model_instances_most,
                    disposable=base.disposable,
                ),
                opts,
            )
        case _:
            return InstanceEndpoint(
                "model",
                InstanceEndpointArgs(
                    hosting=hosting,
                    bucket_name=base.names.bucket("captured", base.place),
                    instance_type=settings.model_instance_type,
                    least=settings.model_instances,
                    most=settings.model_instances_most,
                    invocations_per_instance=float(settings.model_requests),
                    disposable=base.disposable,
                ),
                opts,
            )
