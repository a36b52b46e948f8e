"""The stack's configuration: read once, checked here, typed from here on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from images import XGBOOST_DIGEST, XGBOOST_REGISTRIES, address, meant, xgboost
from values import SettingsError, Values, bounded

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["INGRESSES", "LOG_RETENTION_DAYS", "OF_SHAPES", "SHAPES", "Settings", "SettingsError"]

DISPOSABLE_STACK: Final = "local"
"""The stack that is made and thrown away on one machine: nothing in it is protected against deletion."""

SHAPES: Final = ("instance", "serverless", "async")
INGRESSES: Final = ("queue", "events", "http")
OF_SHAPES: Final[Mapping[str, tuple[str, ...]]] = {
    "modelInstanceType": ("instance", "async"),
    "modelInstances": ("instance",),
    "modelInstancesMost": ("instance", "async"),
    "modelRequests": ("instance",),
    "serverlessMemoryMb": ("serverless",),
    "serverlessConcurrency": ("serverless",),
    "serverlessWarm": ("serverless",),
}
"""The settings that only some shapes have a use for."""

LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html."""

_TAG: Final = re.compile(r"[\w .:/=+@-]{1,256}")
_IMAGE: Final = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")
_ARTEFACT: Final = re.compile(r"s3://[a-z0-9.-]{3,63}/[\w!.'()=/-]+\.tar\.gz", re.ASCII)
_INSTANCE: Final = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
_EMAIL: Final = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may differ from stack to stack. docs/reference-stack.md lists it with these meanings, one a line.

    owner: who answers for the stack, a tag on everything
    endpoint_shape: how the model runs: always, by the request, or while there is a backlog
    ingress: how work comes in; with `queue` senders use the queue itself
    vpc: whether function and model are in a network of their own
    availability_zones: the two that the network spans; without it the first two of the region
    deletion_protection: whether the tables refuse to be deleted
    worker_concurrency: batches at a time
    worker_reserved: whether that much of the account's concurrency is kept for it; a new account may have too little
    result_days: how long results are kept, 0 for ever
    log_retention_days: how long all logs are kept
    model_image: container of the model, in ECR by digest; without it SageMaker's XGBoost of the region
    model_artefact: address of the model; without it the one that comes with the stack, or what the image holds
    model_instance_type: of shapes `instance` and `async`
    model_instances: instances at least, of shape `instance`
    model_instances_most: instances at most, of shapes `instance` and `async` (1 or more); without it twice the least
    model_requests: a minute that one instance should get, of shape `instance`; above it more are started
    serverless_memory_mb: of shape `serverless`
    serverless_concurrency: requests at a time at most, of shape `serverless`
    serverless_warm: of these, answered without a start, of shape `serverless`; they are paid for while idle
    alarm_email: who is told of alarms; without it whoever subscribes to the topic
    dashboard: whether there is one
    monthly_budget: US dollars, 0 for no budget
    """

    owner: str
    endpoint_shape: str
    ingress: str
    vpc: bool
    availability_zones: tuple[str, ...] | None
    deletion_protection: bool
    worker_concurrency: int
    worker_reserved: bool
    result_days: int
    log_retention_days: int
    model_image: str
    model_artefact: str | None
    model_instance_type: str
    model_instances: int
    model_instances_most: int
    model_requests: int
    serverless_memory_mb: int
    serverless_concurrency: int
    serverless_warm: int
    alarm_email: str | None
    dashboard: bool
    monthly_budget: int

    @property
    def brings_model(self) -> bool:
        """Whether the model that comes with the stack is used: neither another artefact nor another image is named."""
        return self.model_artefact is None and self.model_image.endswith(XGBOOST_DIGEST)

    @property
    def runs_on(self) -> str:
        """The type of the endpoint's instances; empty where it has none of its own."""
        return self.model_instance_type if self.endpoint_shape in OF_SHAPES["modelInstanceType"] else ""

    @staticmethod
    def read(config: pulumi.Config, *, stack: str, region: str) -> Settings:
        """Read and check everything. Raises SettingsError about the first wrong value; warns of what has no effect."""
        values, real = Values(config), stack != DISPOSABLE_STACK
        image = xgboost(region)
        if image is None and config.get("modelImage") is None:
            raise _no_image(f"{config.name}:modelImage", region)
        pair = re.compile(rf"{re.escape(region)}([a-z]),{re.escape(region)}(?!\1)[a-z]")
        zones = values.maybe("availabilityZones", pair, f"two zones: {region}a,{region}b", f"{region}a,{region}b")
        shape = values.one_of("endpointShape", SHAPES, "instance")
        instances = values.whole("modelInstances", range(2, 101), 2)
        most = range(1 if shape == "async" else instances, 1001)
        concurrency = values.whole("serverlessConcurrency", range(1, 201), 20)
        warm = range(concurrency + 1)
        found = Settings(
            owner=values.matching(
                "owner", _TAG, "1 to 256 letters, digits, spaces and _ . : / = + @ -", "platform", "platform"
            ),
            endpoint_shape=shape,
            ingress=values.one_of("ingress", INGRESSES, "queue"),
            vpc=values.flag("vpc", default=False),
            availability_zones=tuple(zones.split(",")) if zones else None,
            deletion_protection=values.flag("deletionProtection", default=real),
            worker_concurrency=values.whole("workerConcurrency", range(2, 1001), 10),
            worker_reserved=values.flag("workerReserved", default=True),
            result_days=values.whole("resultDays", range(3_651), 365),
            log_retention_days=values.whole("logRetentionDays", LOG_RETENTION_DAYS, 30),
            model_image=values.matching(
                "modelImage",
                _IMAGE,
                f"an ECR image by digest: {address(region)}",
                image or address(region),
                image,
            ),
            model_artefact=values.maybe(
                "modelArtefact", _ARTEFACT, "an archive in S3: s3://BUCKET/KEY.tar.gz", "s3://models/v1/model.tar.gz"
            ),
            model_instance_type=values.matching(
                "modelInstanceType",
                _INSTANCE,
                "a SageMaker instance type: ml.FAMILY.SIZE",
                "ml.c5.large",
                "ml.c5.large",
            ),
            model_instances=instances,
            model_instances_most=values.whole(
                "modelInstancesMost",
                most,
                2 * instances,
                says="" if shape == "async" else bounded(most, "modelInstances", instances),
            ),
            model_requests=values.whole("modelRequests", range(1, 1_000_001), 1_000),
            serverless_memory_mb=values.whole("serverlessMemoryMb", range(1_024, 6_145, 1_024), 2_048),
            serverless_concurrency=concurrency,
            serverless_warm=values.whole(
                "serverlessWarm", warm, 0, says=bounded(warm, "serverlessConcurrency", concurrency)
            ),
            alarm_email=values.maybe("alarmEmail", _EMAIL, "one e-mail address", "platform@example.com"),
            dashboard=values.flag("dashboard", default=real),
            monthly_budget=values.whole("monthlyBudget", range(1_000_001), 500 if real else 0),
        )
        values.refuse_others()
        _warn_of_unused(config, shape)
        return found


def _no_image(key: str, region: str) -> SettingsError:
    """What to say where no image is known: the region is misspelt, or somebody has to bring an image."""
    image = f"an image in {region} as modelImage"
    if near := meant(region):
        choice, paste = f"another aws:region (nearest: {near}), or {image}", f"aws:region {near}"
    else:
        choice = f"{image}, or another aws:region (one of: {', '.join(XGBOOST_REGISTRIES)})"
        paste = f"{key} {address(region)}"
    return SettingsError(
        f'no image is known for region "{region}", and stack configuration {key} is missing\n'
        f"       use {choice}\n"
        f"       pulumi config set {paste}"
    )


def _warn_of_unused(config: pulumi.Config, shape: str) -> None:
    """Say of each setting that is given, and that the shape has no use for, that it has no effect."""
    given = [key for key in OF_SHAPES if config.get(key) is not None]
    if shape == "async" and "modelInstances" in given and "modelInstancesMost" not in given:
        given.remove("modelInstances")  # twice as many are the most
    for key in given:
        if shape not in OF_SHAPES[key]:
            pulumi.log.warn(f"stack configuration {config.name}:{key} has no effect with endpointShape {shape}")
