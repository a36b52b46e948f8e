"""The stack's configuration, read and validated once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from config_reader import ConfigReader, SettingsError, describe_bounds
from xgboost_image import XGBOOST_DIGEST, XGBOOST_REGISTRIES, image_format, nearest_region, xgboost

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["INGRESSES", "LOG_RETENTION_DAYS", "SHAPES", "SHAPE_SETTINGS", "Settings", "SettingsError"]

DISPOSABLE_STACK: Final = "local"
"""The stack for local deployments: nothing in it is protected against deletion."""

SHAPES: Final = ("instance", "serverless", "async")
INGRESSES: Final = ("queue", "events", "http")
SHAPE_SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "modelInstanceType": ("instance", "async"),
    "modelInstances": ("instance",),
    "modelInstancesMost": ("instance", "async"),
    "modelRequests": ("instance",),
    "serverlessMemoryMb": ("serverless",),
    "serverlessConcurrency": ("serverless",),
    "serverlessWarm": ("serverless",),
}
"""Settings that apply to some shapes only, with these shapes."""

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
    """The stack's settings. docs/reference-stack.md is generated from these descriptions, one per line.

    owner: team or person responsible for the stack; a tag on every resource
    endpoint_shape: real-time on instances, serverless, or asynchronous with instances while there is a backlog
    ingress: how work items enter the stack; with `queue` senders send to the SQS queue directly
    vpc: whether functions and model run in a VPC without internet access
    availability_zones: the two zones of the VPC; by default the first two of the region
    deletion_protection: deletion protection of the tables
    worker_concurrency: maximum concurrency of the worker, in batches
    worker_reserved: whether that concurrency is reserved for it; the quota of a new account may be too low
    result_days: days until results expire, 0 for never
    log_retention_days: retention of all log groups
    model_image: container image of the model; by default SageMaker's XGBoost image of the region
    model_artefact: S3 URL of the model; by default the one in this repository, or what the image contains
    model_instance_type: instance type of shapes `instance` and `async`
    model_instances: minimum number of instances of shape `instance`
    model_instances_most: maximum number of instances of shapes `instance` and `async`; by default twice modelInstances
    model_requests: requests per minute and instance of shape `instance` above which it scales out
    serverless_memory_mb: memory of shape `serverless`
    serverless_concurrency: maximum concurrency of shape `serverless`
    serverless_warm: minimum provisioned concurrency of shape `serverless`, which is paid for while idle
    alarm_email: address to subscribe to the alarm topic; by default none
    dashboard: whether to create a CloudWatch dashboard
    monthly_budget: monthly budget in US dollars, 0 for none
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
    def uses_default_model(self) -> bool:
        """Whether the default model is used: neither another artefact nor another image is configured."""
        return self.model_artefact is None and self.model_image.endswith(XGBOOST_DIGEST)

    @property
    def endpoint_instance_type(self) -> str:
        """The endpoint's instance type; empty if it has no instances of its own."""
        return self.model_instance_type if self.endpoint_shape in SHAPE_SETTINGS["modelInstanceType"] else ""

    @staticmethod
    def read(config: pulumi.Config, *, stack: str, region: str) -> Settings:
        """Read and validate all settings.

        Raises SettingsError for the first invalid value; warns about unused settings.
        """
        values, real = ConfigReader(config), stack != DISPOSABLE_STACK
        image = xgboost(region)
        if image is None and config.get("modelImage") is None:
            raise _missing_image_error(f"{config.name}:modelImage", region)
        pair = re.compile(rf"{re.escape(region)}([a-z]),{re.escape(region)}(?!\1)[a-z]")
        zones = values.optional_text(
            "availabilityZones", pair, f"two zones: {region}a,{region}b", f"{region}a,{region}b"
        )
        shape = values.choice("endpointShape", SHAPES, "instance")
        instances = values.integer("modelInstances", range(2, 101), 2)
        most = range(1 if shape == "async" else instances, 1001)
        concurrency = values.integer("serverlessConcurrency", range(1, 201), 20)
        provisioned_concurrency = range(concurrency + 1)
        found = Settings(
            owner=values.text(
                "owner", _TAG, "1 to 256 letters, digits, spaces and _ . : / = + @ -", "platform", "platform"
            ),
            endpoint_shape=shape,
            ingress=values.choice("ingress", INGRESSES, "queue"),
            vpc=values.boolean("vpc", default=False),
            availability_zones=tuple(zones.split(",")) if zones else None,
            deletion_protection=values.boolean("deletionProtection", default=real),
            worker_concurrency=values.integer("workerConcurrency", range(2, 1001), 10),
            worker_reserved=values.boolean("workerReserved", default=True),
            result_days=values.integer("resultDays", range(3_651), 365),
            log_retention_days=values.integer("logRetentionDays", LOG_RETENTION_DAYS, 30),
            model_image=values.text(
                "modelImage",
                _IMAGE,
                f"an ECR image by digest: {image_format(region)}",
                image or image_format(region),
                image,
            ),
            model_artefact=values.optional_text(
                "modelArtefact", _ARTEFACT, "an archive in S3: s3://BUCKET/KEY.tar.gz", "s3://models/v1/model.tar.gz"
            ),
            model_instance_type=values.text(
                "modelInstanceType",
                _INSTANCE,
                "a SageMaker instance type: ml.FAMILY.SIZE",
                "ml.c5.large",
                "ml.c5.large",
            ),
            model_instances=instances,
            model_instances_most=values.integer(
                "modelInstancesMost",
                most,
                2 * instances,
                allowed_text="" if shape == "async" else describe_bounds(most, "modelInstances", instances),
            ),
            model_requests=values.integer("modelRequests", range(1, 1_000_001), 1_000),
            serverless_memory_mb=values.integer("serverlessMemoryMb", range(1_024, 6_145, 1_024), 2_048),
            serverless_concurrency=concurrency,
            serverless_warm=values.integer(
                "serverlessWarm",
                provisioned_concurrency,
                0,
                allowed_text=describe_bounds(provisioned_concurrency, "serverlessConcurrency", concurrency),
            ),
            alarm_email=values.optional_text("alarmEmail", _EMAIL, "one e-mail address", "platform@example.com"),
            dashboard=values.boolean("dashboard", default=real),
            monthly_budget=values.integer("monthlyBudget", range(1_000_001), 500 if real else 0),
        )
        values.reject_unknown_keys()
        _warn_of_unused(config, shape)
        return found


def _missing_image_error(key: str, region: str) -> SettingsError:
    """The error for a region without a known image: the region is misspelt, or `modelImage` must be set."""
    image = f"an image in {region} as modelImage"
    if near := nearest_region(region):
        choice, paste = f"another aws:region (nearest: {near}), or {image}", f"aws:region {near}"
    else:
        choice = f"{image}, or another aws:region (one of: {', '.join(XGBOOST_REGISTRIES)})"
        paste = f"{key} {image_format(region)}"
    return SettingsError(
        f'no image is known for region "{region}", and stack configuration {key} is missing\n'
        f"       use {choice}\n"
        f"       pulumi config set {paste}"
    )


def _warn_of_unused(config: pulumi.Config, shape: str) -> None:
    """Warn about settings that have no effect with this shape."""
    given = [key for key in SHAPE_SETTINGS if config.get(key) is not None]
    if shape == "async" and "modelInstances" in given and "modelInstancesMost" not in given:
        given.remove("modelInstances")  # the default of modelInstancesMost is twice as many
    for key in given:
        if shape not in SHAPE_SETTINGS[key]:
            pulumi.log.warn(f"stack configuration {config.name}:{key} has no effect with endpointShape {shape}")
