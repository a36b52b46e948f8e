"""Endpoints and their status."""

from __future__ import annotations

import time
from typing import Final

from localcloud.aws.http_messages import AwsError
from localcloud.aws.sagemaker import artefact, endpoint_configs, scaling_checks
from localcloud.aws.sagemaker.resource_store import CONFIGS, ENDPOINTS, INVALID, MODELS, Document
from localcloud.aws.settings import SETTINGS

OWN: Final = frozenset({"Broken", "DeploymentConfig", "During", "Live", "Shape", "Tags", "Until"})
"""What is kept of an endpoint and not described."""


def create(wanted: Document) -> Document:
    """CreateEndpoint: Creating for `endpoint_seconds`, then InService, or Failed if its model cannot be loaded."""
    config = CONFIGS.get(wanted["EndpointConfigName"])
    live, broken = _loaded(config)
    return {"EndpointArn": _deploy(ENDPOINTS.create(wanted), config, wanted, live, broken)["EndpointArn"]}


def update(wanted: Document) -> Document:
    """UpdateEndpoint: it serves while it is Updating; if the new model cannot be loaded, with the old one."""
    endpoint, config = ENDPOINTS.get(wanted["EndpointName"]), CONFIGS.get(wanted["EndpointConfigName"])
    if not is_stable(endpoint):
        raise AwsError(INVALID, f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')
    endpoint_configs.check_change(str(wanted["EndpointName"]), endpoint["Shape"], config)
    scaling_checks.check_change(str(wanted["EndpointName"]), endpoint["Shape"], config)
    live, broken = _loaded(config)
    if broken:
        endpoint |= {"FailureReason": broken, "LastModifiedTime": time.time(), **_busy("Updating")}
        return {"EndpointArn": endpoint["EndpointArn"]}
    kept = endpoint.get("DeploymentConfig") if wanted.get("RetainDeploymentConfig") else None
    deployment = {"DeploymentConfig": kept} if kept is not None else {}
    endpoint["EndpointConfigName"] = wanted["EndpointConfigName"]
    return {"EndpointArn": _deploy(endpoint, config, wanted | deployment, live)["EndpointArn"]}


def update_weights(wanted: Document) -> Document:
    """UpdateEndpointWeightsAndCapacities."""
    endpoint = ENDPOINTS.get(wanted["EndpointName"])
    for change in wanted["DesiredWeightsAndCapacities"]:
        for variant in endpoint["ProductionVariants"]:
            if variant["VariantName"] == change["VariantName"]:
                for name in {"DesiredWeight", "DesiredInstanceCount"} & change.keys():
                    variant[name] = variant[name.replace("Desired", "Current")] = change[name]
    endpoint["LastModifiedTime"] = time.time()
    return {"EndpointArn": endpoint["EndpointArn"]}


def describe(wanted: Document) -> Document:
    """DescribeEndpoint."""
    endpoint = ENDPOINTS.get(wanted["EndpointName"])
    shown = {key: value for key, value in endpoint.items() if key not in OWN}
    if "DeploymentConfig" in endpoint:
        shown["LastDeploymentConfig"] = endpoint["DeploymentConfig"]
    return shown | {"EndpointStatus": status(endpoint)}


def delete(wanted: Document) -> Document:
    """DeleteEndpoint."""
    if not is_stable(ENDPOINTS.get(wanted["EndpointName"])):
        raise AwsError(INVALID, f'Cannot update in-progress endpoint "{ENDPOINTS.arn(wanted["EndpointName"])}".')
    ENDPOINTS.delete(wanted["EndpointName"])
    return {}


def status(endpoint: Document) -> str:
    """Return Creating, Updating, InService or Failed."""
    if not is_stable(endpoint):
        return str(endpoint["During"])
    return "Failed" if endpoint.get("Broken") else "InService"


def is_stable(endpoint: Document) -> bool:
    """Whether no creation or update is in progress."""
    return time.time() >= float(endpoint["Until"])


def _busy(during: str) -> Document:
    return {"During": during, "Until": time.time() + SETTINGS.endpoint_seconds}


def _loaded(config: Document) -> tuple[dict[str, artefact.LoadedModel], str]:
    """Load the models of all variants; return them by variant, and the error of one that cannot be loaded."""
    try:
        named = {each["VariantName"]: each.get("ModelName") for each in config["ProductionVariants"]}
        return {variant: artefact.load(MODELS.get(model) if model else {}) for variant, model in named.items()}, ""
    except artefact.ArtefactError as error:
        return {}, f"The primary container did not pass the ping health check: {error}"


def _deploy(
    endpoint: Document, config: Document, wanted: Document, live: dict[str, artefact.LoadedModel], broken: str = ""
) -> Document:
    during = "Updating" if "During" in endpoint else "Creating"
    endpoint |= {"LastModifiedTime": time.time(), "Live": live, "Broken": bool(broken), **_busy(during)}
    endpoint["Shape"] = {key: config[key] for key in ("AsyncInferenceConfig", "ProductionVariants") if key in config}
    endpoint.pop("FailureReason", None)
    endpoint |= {"FailureReason": broken} if broken else {}
    endpoint["ProductionVariants"] = [_summary(variant) for variant in config["ProductionVariants"]]
    endpoint.pop("DeploymentConfig", None)
    endpoint |= {key: wanted[key] for key in ("DeploymentConfig",) if key in wanted}
    for key in ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig"):
        endpoint.pop(key, None)
        endpoint |= {key: config[key]} if key in config else {}
    capture = config.get("DataCaptureConfig") or {}
    endpoint.pop("DataCaptureConfig", None)
    if capture:
        endpoint["DataCaptureConfig"] = {
            "EnableCapture": capture.get("EnableCapture", False),
            "CaptureStatus": "Started" if capture.get("EnableCapture") else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return endpoint


def _summary(variant: Document) -> Document:
    weight = variant.get("InitialVariantWeight", 1.0)
    shown = {"VariantName": variant["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    if "InitialInstanceCount" in variant:
        shown |= dict.fromkeys(("CurrentInstanceCount", "DesiredInstanceCount"), variant["InitialInstanceCount"])
    if "ServerlessConfig" in variant:
        shown |= dict.fromkeys(("CurrentServerlessConfig", "DesiredServerlessConfig"), variant["ServerlessConfig"])
    return shown | {key: variant[key] for key in ("ManagedInstanceScaling", "RoutingConfig") if key in variant}
