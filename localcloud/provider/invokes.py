"""Functions of the aws package that need no AWS: account and region, policy documents, image URIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from localcloud.provider import policy_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.provider.aws_clients import Cloud

IMAGES: Final = {  # AWS, "Docker Registry Paths and Example Code" in the SageMaker developer guide
    "sagemaker-xgboost": {
        "eu-central-1": "492215442770",
        "eu-west-1": "141502667606",
        "us-east-1": "683313688378",
        "us-west-2": "246618743249",
    },
    "sagemaker-scikit-learn": {
        "eu-central-1": "492215442770",
        "eu-west-1": "141502667606",
        "us-east-1": "683313688378",
        "us-west-2": "246618743249",
    },
    "pytorch-inference": dict.fromkeys(("eu-central-1", "eu-west-1", "us-east-1", "us-west-2"), "763104351884"),
    "tensorflow-inference": dict.fromkeys(("eu-central-1", "eu-west-1", "us-east-1", "us-west-2"), "763104351884"),
}
"""Registry accounts of prebuilt images, by repository and region."""


class UnsupportedFunctionError(Exception):
    """A function that this provider does not implement."""


def answer(token: str, arguments: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    """Return a function's result. Raises UnsupportedFunctionError for one that is not in FUNCTIONS."""
    function = FUNCTIONS.get(token)
    if function is None:
        names = ", ".join(sorted(FUNCTIONS))
        raise UnsupportedFunctionError(f"the local provider has no function {token}. It has: {names}")
    return function(arguments, cloud)


def _caller(_: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    arn = f"arn:{cloud.partition}:iam::{cloud.account}:root"
    return {"accountId": cloud.account, "arn": arn, "id": cloud.account, "userId": cloud.account}


def _region(arguments: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    name = arguments.get("region") or arguments.get("name") or cloud.region
    endpoint = f"ec2.{name}.amazonaws.com"
    return {"description": name, "endpoint": endpoint, "id": name, "name": name, "region": name}


def _partition(_: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    return {
        "dnsSuffix": "amazonaws.com",
        "id": cloud.partition,
        "partition": cloud.partition,
        "reverseDnsPrefix": "com.amazonaws",
    }


def _zones(arguments: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    region = arguments.get("region", cloud.region)
    letters = [each for each in "abc" if f"{region}{each}" not in arguments.get("excludeNames", [])]
    return {
        **arguments,
        "groupNames": [region],
        "id": region,
        "names": [f"{region}{each}" for each in letters],
        "region": region,
        "zoneIds": [f"{_short(region)}-az{'abc'.index(each) + 1}" for each in letters],
    }


def _short(region: str) -> str:
    """Shorten a region as in zone ids: eu-west-1 to euw1."""
    area, *middle, number = region.split("-")
    return area + "".join(each[0] for each in middle) + number


def _principal(arguments: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    region, service = arguments.get("region", cloud.region), arguments["serviceName"]
    return {
        "id": f"{service}.{region}.amazonaws.com",
        "name": f"{service}.amazonaws.com",
        "region": region,
        "serviceName": service,
        "suffix": "amazonaws.com",
    }


def _image(arguments: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    repository, region = arguments["repositoryName"], arguments.get("region", cloud.region)
    account = IMAGES.get(repository, {}).get(region)
    if account is None:
        raise UnsupportedFunctionError(
            f"the local provider knows no registry of {repository} in {region}. "
            f"It knows {', '.join(sorted(IMAGES))} in {', '.join(sorted(IMAGES['sagemaker-xgboost']))}"
        )
    suffix, tag = arguments.get("dnsSuffix", "amazonaws.com"), arguments.get("imageTag", "1")
    return {
        "dnsSuffix": suffix,
        "id": account,
        "imageTag": tag,
        "region": region,
        "registryId": account,
        "registryPath": f"{account}.dkr.ecr.{region}.{suffix}/{repository}:{tag}",
        "repositoryName": repository,
    }


FUNCTIONS: Final[dict[str, Callable[[dict[str, Any], Cloud], dict[str, Any]]]] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": lambda arguments, _: policy_document.render(arguments),
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getServicePrincipal:getServicePrincipal": _principal,
    "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": _image,
}
