"""Execution roles that allow what SageMaker AI does on behalf of models and endpoints."""

import re
from collections.abc import Iterator
from typing import Final

from policypack.access.arn_index import ArnIndex
from policypack.access.required_permissions import PermissionTarget, findings, missing_permissions
from policypack.iam.network_interfaces import SAGEMAKER_ACTIONS
from policypack.model import (
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    MODEL,
    Resource,
    Stack,
    Undecided,
    is_secret,
    is_unknown,
    secret,
)
from policypack.model.values import REDACTED
from policypack.rule import Findings, Level, Severity, rule

_IMAGE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)"
)
_S3_URL: Final = re.compile(r"s3://(?P<bucket>[^/]+)(?:/(?P<key>.*))?")
_PULL_ACTIONS: Final = (("ecr:BatchGetImage",), ("ecr:GetDownloadUrlForLayer",))
_INTERFACES: Final = tuple((action,) for action in SAGEMAKER_ACTIONS)
_FILES: Final = ".s3DataSources[0].s3Uri"
_ARTIFACTS: Final = ("modelDataUrl", f"modelDataSource{_FILES}")
_ALARMS: Final = "deploymentConfig.autoRollbackConfiguration.alarms"
_OUTPUTS: Final = (
    "dataCaptureConfig.destinationS3Uri",
    "asyncInferenceConfig.outputConfig.s3OutputPath",
    "asyncInferenceConfig.outputConfig.s3FailurePath",
)


@rule(
    on=MODEL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow ecr:BatchGetImage, ecr:GetDownloadUrlForLayer and ecr:BatchCheckLayerAvailability on the repository, "
    "and ecr:GetAuthorizationToken on *, in an aws.iam.RolePolicy of the role.",
    terms=("Docker", "BYOC"),
)
def sagemaker_role_can_pull_image(model: Resource, stack: Stack) -> Findings:
    """An endpoint does not start if the execution role of its model may not pull the container image from ECR.

    The rule judges images in private repositories. A repository policy that allows the role is enough (SageMaker AI
    developer guide, "CreateModel API: Execution role permissions").
    """
    role = stack.role_of(model)
    for path in _container_paths(model, ("image",)):
        match = _IMAGE.match(_text(model, path))
        if match is not None and role is not None:
            arn = f"arn:*:ecr:{match['region']}:{match['account']}:repository/{match['name']}"
            hidden = is_secret(model.get(path))
            image = PermissionTarget(
                "ecr", secret(arn) if hidden else arn, _owner(stack, arn), REDACTED if hidden else match["name"]
            )
            found = missing_permissions(stack, role, _PULL_ACTIONS, image)
            yield from findings(found, f"runs image {image.name} with role {role.name}", path)


@rule(
    on=MODEL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow s3:GetObject on the model artifacts in an aws.iam.RolePolicy of the role.",
    terms=("model.tar.gz", "artefact"),
)
def sagemaker_role_can_read_model_artifacts(model: Resource, stack: Stack) -> Findings:
    """An endpoint does not start if the execution role of its model may not read the model artifacts from S3.

    See the SageMaker AI developer guide, "CreateModel API: Execution role permissions".
    """
    role = stack.role_of(model)
    for path in _container_paths(model, _ARTIFACTS):
        if path.endswith(_FILES) and is_unknown(model.get(path.removesuffix(_FILES))):
            continue  # the provider sets it where the program does not
        artifacts = _s3_target(stack, _text(model, path))
        if artifacts is not None and role is not None:
            found = missing_permissions(stack, role, [("s3:GetObject",)], artifacts)
            yield from findings(found, f"loads {artifacts.name} with role {role.name}", path)


@rule(
    on=MODEL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow the missing actions on * in an aws.iam.RolePolicy of the role.",
    terms=("ENI",),
)
def sagemaker_role_can_create_network_interfaces(model: Resource, stack: Stack) -> Findings:
    """SageMaker AI rejects a model in a VPC whose execution role may not create network interfaces.

    See the SageMaker AI developer guide, "CreateModel API: Execution role permissions".
    """
    if not model.get("vpcConfig.subnets", []):
        return
    role = stack.role_of(model)
    if role is not None:
        yield from findings(
            missing_permissions(stack, role, _INTERFACES), f"runs in a VPC with role {role.name}", "vpcConfig"
        )


@rule(
    on=ENDPOINT,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow cloudwatch:DescribeAlarms on the alarms in an aws.iam.RolePolicy of the model's role.",
    terms=("blue/green", "canary", "deployment guardrails"),
)
def sagemaker_role_can_describe_rollback_alarms(endpoint: Resource, stack: Stack) -> Findings:
    """A deployment is not rolled back if the execution role of the model may not read the state of the alarms.

    See the SageMaker AI developer guide, "Auto-Rollback Configuration and Monitoring".
    """
    if not endpoint.get(_ALARMS, []):
        return
    configuration = stack.linked(endpoint, "endpointConfigName", ENDPOINT_CONFIGURATION)
    if configuration is None:
        return
    for role in _roles(configuration, stack):
        found = missing_permissions(stack, role, [("cloudwatch:DescribeAlarms",)])
        yield from findings(found, f"rolls back on alarms with role {role.name}", _ALARMS)


@rule(
    on=ENDPOINT_CONFIGURATION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow s3:PutObject on the S3 location in an aws.iam.RolePolicy of the model's role.",
    terms=("data capture", "Model Monitor"),
)
def sagemaker_role_can_write_endpoint_output(configuration: Resource, stack: Stack) -> Findings:
    """Captured requests and asynchronous results are lost if the model's execution role may not write them to S3.

    See the SageMaker AI developer guide, "Capture data from real-time endpoint" and "Asynchronous inference".
    """
    for path in _OUTPUTS:
        output = _s3_target(stack, _text(configuration, path), folder=True)
        for role in _roles(configuration, stack) if output is not None else ():
            found = missing_permissions(stack, role, [("s3:PutObject",)], output)
            yield from findings(found, f"writes to {_text(configuration, path)} with role {role.name}", path)


def _container_paths(model: Resource, names: tuple[str, ...]) -> Iterator[str]:
    """The paths of these properties in each container of a model."""
    containers = model.get("containers", [])
    if is_unknown(containers):
        raise Undecided("containers")
    count = len(containers) if isinstance(containers, list) else 0
    for prefix in ("primaryContainer", *(f"containers[{index}]" for index in range(count))):
        yield from (f"{prefix}.{name}" for name in names)


def _text(resource: Resource, path: str) -> str:
    """A property that is text; empty where it is absent. Raises `Undecided` where it is unknown."""
    value = resource.get(path, "")
    if is_unknown(value):
        raise Undecided(path)
    return value if isinstance(value, str) else ""


def _s3_target(stack: Stack, url: str, *, folder: bool = False) -> PermissionTarget | None:
    """What an `s3://` URL names: an object, or all objects with that prefix if it ends with a slash (or `folder`)."""
    found = _S3_URL.match(url)
    if found is None:
        return None
    key = found["key"] or ""
    arn = f"arn:*:s3:::{found['bucket']}/{key}{'*' if folder or not key or key.endswith('/') else ''}"
    return PermissionTarget("s3", secret(arn) if is_secret(url) else arn, _owner(stack, arn), f"{url}")


def _owner(stack: Stack, arn: str) -> Resource | None:
    return stack.cached(ArnIndex).first_match(arn)


def _roles(configuration: Resource, stack: Stack) -> list[Resource]:
    """The execution roles of the models behind an endpoint, each once."""
    found: dict[str, Resource] = {}
    for kind in ("productionVariants", "shadowProductionVariants"):
        for index, variant in enumerate(configuration.each(kind)):
            if variant.has("modelName"):
                model = stack.linked(configuration, f"{kind}[{index}].modelName", MODEL)
                role = stack.role_of(model) if model is not None else None
                if role is not None:
                    found[role.urn] = role
    return list(found.values())
