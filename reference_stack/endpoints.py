"""The model's endpoint in the configured shape."""

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
    from shared_resources import SharedResources

MODEL: Final = Path(__file__).resolve().parent / "default_model" / "model.tar.gz"

Endpoint = InstanceEndpoint | ServerlessEndpoint | AsyncEndpoint


def artefact(shared: SharedResources) -> ModelArtefact | None:
    """The default model in a bucket; None if the settings name another model."""
    if not shared.settings.uses_default_model:
        return None
    bucket = PrivateBucketArgs(
        aws_env=shared.aws_env,
        bucket_name=shared.names.bucket("models", shared.aws_env),
        key_arn=shared.key.arn,
        force_destroy=shared.disposable,
        tags=shared.alerting.tags,
    )
    return ModelArtefact("models", ModelArtefactArgs(archive=MODEL, bucket=bucket))


def endpoint(shared: SharedResources, model: ModelArtefact | None) -> Endpoint:
    """The endpoint. Its name contains shape and instance type: changing either creates another endpoint."""
    settings, opts = shared.settings, pulumi.ResourceOptions(depends_on=[model] if model else None)
    network = shared.network
    hosting = HostingArgs(
        aws_env=shared.aws_env,
        endpoint_name=shared.names.endpoint(settings.endpoint_shape, settings.endpoint_instance_type),
        image=settings.model_image,
        artefact=model.url if model else settings.model_artefact,
        key_alias=shared.key.alias,
        key_arn=shared.key.arn,
        log_retention_days=settings.log_retention_days,
        alerting=shared.alerting,
        vpc_placement=network.model if network and settings.endpoint_shape != "serverless" else None,
    )
    match settings.endpoint_shape:
        case "serverless":
            return ServerlessEndpoint(
                "model",
                ServerlessEndpointArgs(
                    hosting=hosting,
                    memory_mb=settings.serverless_memory_mb,
                    max_concurrency=settings.serverless_concurrency,
                    provisioned_concurrency=settings.serverless_warm,
                ),
                opts,
            )
        case "async":
            return AsyncEndpoint(
                "model",
                AsyncEndpointArgs(
                    hosting=hosting,
                    bucket_name=shared.names.bucket("batches", shared.aws_env),
                    instance_type=settings.model_instance_type,
                    max_instances=settings.model_instances_most,
                    force_destroy=shared.disposable,
                ),
                opts,
            )
        case _:
            return InstanceEndpoint(
                "model",
                InstanceEndpointArgs(
                    hosting=hosting,
                    bucket_name=shared.names.bucket("captured", shared.aws_env),
                    instance_type=settings.model_instance_type,
                    min_instances=settings.model_instances,
                    max_instances=settings.model_instances_most,
                    invocations_per_instance=float(settings.model_requests),
                    force_destroy=shared.disposable,
                ),
                opts,
            )
