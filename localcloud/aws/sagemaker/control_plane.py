"""SageMaker's control plane for hosting: descriptions equal what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlparse

from ministack.services import s3

from localcloud.aws import authorization, encryption, s3_sns_encryption
from localcloud.aws.http_messages import AwsError, arn
from localcloud.aws.patching import private
from localcloud.aws.sagemaker import endpoint_configs, endpoints
from localcloud.aws.sagemaker.resource_store import (
    CONFIGS,
    ENDPOINTS,
    INVALID,
    MODELS,
    Document,
    Kind,
    find_by_arn,
    is_stored_kind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

get_object = private(s3, "_get_object_data")

SERVICE: Final = "sagemaker.amazonaws.com"
DEFAULTS: Final = {"EnableNetworkIsolation": False}


def handles(operation: str, wanted: Document) -> bool:
    """Whether an operation of SageMaker is implemented here."""
    if operation in {"AddTags", "ListTags", "DeleteTags"}:
        return is_stored_kind(str(wanted.get("ResourceArn")))
    return operation in OPERATIONS


def resource(operation: str, wanted: Document) -> str:
    """Return the resource ARN for the permission of an operation."""
    if "ResourceArn" in wanted:
        return str(wanted["ResourceArn"])
    for kind in (CONFIGS, ENDPOINTS, MODELS):  # an endpoint's operations name its configuration as well
        if kind.name in wanted and operation.endswith(kind.name.removesuffix("Name")):
            return kind.arn(str(wanted[kind.name]))
    return "*"


def handle(operation: str, wanted: Document) -> Document:
    """Perform an operation, or raise AwsError as SageMaker would."""
    try:
        return OPERATIONS[operation](wanted)
    except KeyError as missing:
        raise AwsError(INVALID, f"{missing.args[0]} is missing.") from missing


def create_model(wanted: Document) -> Document:
    """CreateModel; the role has to trust SageMaker and to be allowed to read the artefacts."""
    containers = [*filter(None, [wanted.get("PrimaryContainer")]), *(wanted.get("Containers") or [])]
    if not containers:
        raise AwsError(INVALID, "You must specify either PrimaryContainer or Containers.")
    role = wanted.get("ExecutionRoleArn")
    if role is not None and not authorization.role_trusts_service(role, SERVICE, arn("sagemaker", "*")):
        raise AwsError(
            INVALID,
            f"Could not assume role {role}. Please ensure that the role exists and allows principal '{SERVICE}' "
            "to assume the role.",
        )
    for url in _artefacts(containers):
        _readable(url, role)
    return {"ModelArn": MODELS.create(DEFAULTS | wanted)["ModelArn"]}


def _artefacts(containers: list[Document]) -> Iterator[str]:
    for container in containers:
        source = ((container.get("ModelDataSource") or {}).get("S3DataSource") or {}).get("S3Uri", "")
        yield from filter(None, [container.get("ModelDataUrl"), source if not source.endswith("/") else None])


def _readable(url: str, role: str | None) -> None:
    parts = urlparse(url)
    found = parts.scheme == "s3" and get_object(parts.netloc, parts.path.lstrip("/")) is not None
    allowed = found and role is not None and _may_read(role, parts.netloc, parts.path.lstrip("/"))
    if not allowed:
        raise AwsError(
            INVALID,
            f'Could not access model data at {url}. Please ensure that the role "{role}" exists and that its trust '
            f'relationship policy allows the action "sts:AssumeRole" for the service principal "{SERVICE}". Also '
            'ensure that the role has "s3:GetObject" permissions and that the object is located in this region.',
        )


def _may_read(role: str, bucket: str, name: str) -> bool:
    session, needs = authorization.role_key(role, "SageMaker"), s3_sns_encryption.read_key_uses(bucket, name)
    wanted: list[tuple[str, str, Document]] = [("s3:GetObject", f"arn:aws:s3:::{bucket}/{name}", {})]
    wanted += [(action, key, encryption.service_context("s3", key) | context) for action, key, context in needs]
    return all(authorization.denial(session, *each) is None for each in wanted)


def _tags(wanted: Document) -> list[dict[str, Any]]:
    return list(find_by_arn(wanted["ResourceArn"]).get("Tags") or [])


def _set_tags(wanted: Document, kept: list[dict[str, Any]]) -> None:
    find_by_arn(wanted["ResourceArn"])["Tags"] = kept


def add_tags(wanted: Document) -> Document:
    """AddTags."""
    names = {tag["Key"] for tag in wanted["Tags"]}
    tags = [tag for tag in _tags(wanted) if tag["Key"] not in names] + wanted["Tags"]
    _set_tags(wanted, tags)
    return {"Tags": tags}


def delete_tags(wanted: Document) -> Document:
    """DeleteTags."""
    _set_tags(wanted, [tag for tag in _tags(wanted) if tag["Key"] not in wanted["TagKeys"]])
    return {}


def _describe(kind: Kind) -> Callable[[Document], Document]:
    return lambda wanted: {key: value for key, value in kind.get(wanted[kind.name]).items() if key != "Tags"}


def _delete(kind: Kind) -> Callable[[Document], Document]:
    def delete(wanted: Document) -> Document:
        kind.delete(wanted[kind.name])
        return {}

    return delete


def _list(kind: Kind, member: str) -> Callable[[Document], Document]:
    def listed(wanted: Document) -> Document:
        page, more = kind.page(wanted)
        summaries = [{key: one[key] for key in (kind.name, kind.arn_key, "CreationTime")} for one in page]
        if kind is ENDPOINTS:
            for summary, one in zip(summaries, page, strict=True):
                summary |= {"LastModifiedTime": one["LastModifiedTime"], "EndpointStatus": endpoints.status(one)}
        return {member: summaries, **more}

    return listed


OPERATIONS: Final[dict[str, Callable[[Document], Document]]] = {
    "AddTags": add_tags,
    "CreateEndpoint": endpoints.create,
    "CreateEndpointConfig": endpoint_configs.create,
    "CreateModel": create_model,
    "DeleteEndpoint": endpoints.delete,
    "DeleteEndpointConfig": _delete(CONFIGS),
    "DeleteModel": _delete(MODELS),
    "DeleteTags": delete_tags,
    "DescribeEndpoint": endpoints.describe,
    "DescribeEndpointConfig": _describe(CONFIGS),
    "DescribeModel": _describe(MODELS),
    "ListEndpointConfigs": _list(CONFIGS, "EndpointConfigs"),
    "ListEndpoints": _list(ENDPOINTS, "Endpoints"),
    "ListModels": _list(MODELS, "Models"),
    "ListTags": lambda wanted: {"Tags": _tags(wanted)},
    "UpdateEndpoint": endpoints.update,
    "UpdateEndpointWeightsAndCapacities": endpoints.update_weights,
}
