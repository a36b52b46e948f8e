"""Models and endpoints whose roles grant what SageMaker does on their behalf."""

import re
from collections.abc import Iterator
from typing import Final

from policypack.access.arn_index import Owned
from policypack.access.required_permissions import Target, lack, said
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
_PLACE: Final = re.compile(r"s3://(?P<bucket>[^/]+)(?:/(?P<key>.*))?")
_PULLING: Final = (("ecr:BatchGetImage",), ("ecr:GetDownloadUrlForLayer",))
_INTERFACES: Final = tuple((action,) for action in SAGEMAKER_ACTIONS)
_FILES: Final = ".s3DataSources[0].s3Uri"
_ARTEFACTS: Final = ("modelDataUrl", f"modelDataSource{_FILES}")
_ALARMS: Final = "deploymentConfig.autoRollbackConfiguration.alarms"
_RESULTS: Final = (
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
)
def sagemaker_role_can_pull_image(model: Resource, stack: Stack) -> Findings:
    """SageMaker pulls the image under the model's role: without these actions no instance of the endpoint starts."""
    role = stack.role_of(model)
    for path in _places(model, ("image",)):
        match = _IMAGE.match(_text(model, path))
        if match is not None and role is not None:
            arn = f"arn:*:ecr:{match['region']}:{match['account']}:repository/{match['name']}"
            hidden = is_secret(model.get(path))
            image = Target(
                "ecr", secret(arn) if hidden else arn, _owner(stack, arn), REDACTED if hidden else match["name"]
            )
            found = lack(stack, role, _PULLING, image)
            yield from said(found, f"runs the image {image.name} under role {role.name}", path)


@rule(
    on=MODEL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow s3:GetObject on the artefact in an aws.iam.RolePolicy of the role.",
)
def sagemaker_role_can_read_model_artifacts(model: Resource, stack: Stack) -> Findings:
    """SageMaker fetches the artefact under the model's role: without the action no instance of the endpoint starts."""
    role = stack.role_of(model)
    for path in _places(model, _ARTEFACTS):
        if path.endswith(_FILES) and is_unknown(model.get(path.removesuffix(_FILES))):
            continue  # what a provider fills in where the program says nothing
        artefact = _in_a_bucket(stack, _text(model, path))
        if artefact is not None and role is not None:
            found = lack(stack, role, [("s3:GetObject",)], artefact)
            yield from said(found, f"loads {artefact.name} under role {role.name}", path)


@rule(
    on=MODEL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow these actions on * in an aws.iam.RolePolicy of the role.",
)
def sagemaker_role_can_create_network_interfaces(model: Resource, stack: Stack) -> Findings:
    """SageMaker makes network interfaces under the model's role, and refuses a model in a VPC that may not."""
    if not model.get("vpcConfig.subnets", []):
        return
    role = stack.role_of(model)
    if role is not None:
        yield from said(lack(stack, role, _INTERFACES), f"is in a VPC under role {role.name}", "vpcConfig")


@rule(
    on=ENDPOINT,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow cloudwatch:DescribeAlarms on the alarms in an aws.iam.RolePolicy of the model's role.",
)
def sagemaker_role_can_describe_rollback_alarms(endpoint: Resource, stack: Stack) -> Findings:
    """SageMaker watches the alarms under the model's role: without the action no deployment is ever rolled back."""
    if not endpoint.get(_ALARMS, []):
        return
    configuration = stack.linked(endpoint, "endpointConfigName", ENDPOINT_CONFIGURATION)
    if configuration is None:
        return
    for role in _roles(configuration, stack):
        found = lack(stack, role, [("cloudwatch:DescribeAlarms",)])
        yield from said(found, f"rolls back on alarms under role {role.name}", _ALARMS)


@rule(
    on=ENDPOINT_CONFIGURATION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow s3:PutObject on the place in an aws.iam.RolePolicy of the model's role.",
)
def sagemaker_role_can_write_endpoint_output(configuration: Resource, stack: Stack) -> Findings:
    """SageMaker writes captured data and results under the model's role: without the action they are lost."""
    for path in _RESULTS:
        place = _in_a_bucket(stack, _text(configuration, path), folder=True)
        for role in _roles(configuration, stack) if place is not None else ():
            found = lack(stack, role, [("s3:PutObject",)], place)
            yield from said(found, f"writes to {_text(configuration, path)} under role {role.name}", path)


def _places(model: Resource, names: tuple[str, ...]) -> Iterator[str]:
    """Where the containers of a model have these properties."""
    containers = model.get("containers", [])
    if is_unknown(containers):
        raise Undecided("containers")
    for prefix in ("primaryContainer", *(f"containers[{index}]" for index in range(len(containers)))):
        yield from (f"{prefix}.{name}" for name in names)


def _text(resource: Resource, path: str) -> str:
    """A property that is text; nothing where it is absent. Raises `Undecided` where it is not known."""
    value = resource.get(path, "")
    if is_unknown(value):
        raise Undecided(path)
    return value if isinstance(value, str) else ""


def _in_a_bucket(stack: Stack, url: str, *, folder: bool = False) -> Target | None:
    """What an `s3://` address names: an object, or with a slash at the end (or `folder`) all that begins so."""
    found = _PLACE.match(url)
    if found is None:
        return None
    key = found["key"] or ""
    arn = f"arn:*:s3:::{found['bucket']}/{key}{'*' if folder or not key or key.endswith('/') else ''}"
    return Target("s3", secret(arn) if is_secret(url) else arn, _owner(stack, arn), f"{url}")


def _owner(stack: Stack, arn: str) -> Resource | None:
    return stack.once(Owned).owner(arn)


def _roles(configuration: Resource, stack: Stack) -> list[Resource]:
    """The roles under which the models behind an endpoint work, each once."""
    found: dict[str, Resource] = {}
    for kind in ("productionVariants", "shadowProductionVariants"):
        for index, variant in enumerate(configuration.each(kind)):
            if variant.has("modelName"):
                model = stack.linked(configuration, f"{kind}[{index}].modelName", MODEL)
                role = stack.role_of(model) if model is not None else None
                if role is not None:
                    found[role.urn] = role
    return list(found.values())
