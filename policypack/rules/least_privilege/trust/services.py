"""Trust policies for AWS services: which services can assume a role, and on behalf of which accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.resource_policies import principals_assuming, trust_policy_of
from policypack.access.role_references import roles_referenced_elsewhere
from policypack.iam.condition_values import requires_fixed_value
from policypack.iam.globs import glob
from policypack.iam.trust_policies import service_name
from policypack.model import ENDPOINT_CONFIGURATION, MODEL, ROLE, Resource, Stack, Undecided
from policypack.model.arn import parse_arn
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.rule import Findings, Level, Options, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.access.resource_policies import Policy
    from policypack.iam.elements import Condition, Entry
    from policypack.iam.trust_policies import NamedPrincipal

_SOURCE_KEYS: Final = frozenset(("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"))
_SERVICES_WITH_SOURCE: Final = frozenset(
    ("bedrock", "bedrock-agentcore", "codebuild", "pipes", "sagemaker", "scheduler", "states")
)
"""Services whose guides recommend these conditions in a role's trust policy, each under "Cross-service confused deputy
prevention" or with the policies of its service roles."""

_SERVICES_WITHOUT_SOURCE: Final = frozenset(("apigateway", "cloudtrail", "elastictranscoder"))
"""Services that assume roles without sending these keys: a condition on them denies the service."""

_COMPANIONS: Final = {"edgelambda": "lambda"}
_HOSTING_RESOURCES: Final = ("model/", "endpoint/", "endpoint-config/", "inference-component/")


class ConfusedDeputyOptions(Options):
    """`services`: further services, such as `firehose`, for which a trust policy limits the source."""

    services: tuple[str, ...] = ()


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set aws:SourceAccount to your account, and aws:SourceArn to arn:aws:SERVICE:REGION:ACCOUNT:* with ArnLike, in "
    "the Condition of assume_role_policy.",
    terms=(
        "cross-service",
        "service principal",
        "third party",
        "trust relationship",
    ),
)
def role_trust_policy_prevents_confused_deputy(role: Resource, options: ConfusedDeputyOptions) -> Findings:
    """Without a condition on the source account, other AWS customers can make a trusted service assume the role.

    This is the confused deputy problem (IAM user guide, "The confused deputy problem"). The rule checks the services
    whose guides recommend aws:SourceArn or aws:SourceAccount in trust policies, such as SageMaker AI or Step Functions,
    and those in the option `services`. Services that do not send these keys pass.
    """
    trust = trust_policy_of(role)
    for one in principals_assuming(trust):
        name = service_name(one.value)
        if (
            one.kind != "service"
            or name in _SERVICES_WITHOUT_SOURCE
            or name not in _SERVICES_WITH_SOURCE | {*options.services}
        ):
            continue
        if any(condition.name in _SOURCE_KEYS and requires_fixed_value(condition) for condition in one.conditions):
            continue
        if any(not condition.base for condition in one.conditions):
            yield trust.unknown_condition(one.statement)
        else:
            yield f"trusts {name} on behalf of any account", trust.at(one.place)


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set aws:SourceArn to arn:aws:sagemaker:REGION:ACCOUNT:* with ArnLike in the Condition of assume_role_policy.",
    terms=("hosting", "AccessDenied", "trust policy"),
)
def sagemaker_role_source_arn_allows_inference(role: Resource, stack: Stack) -> Findings:
    """SageMaker AI cannot host models under a role whose aws:SourceArn condition names one model or endpoint.

    For inference, the value is `arn:aws:sagemaker:REGION:ACCOUNT:*` (SageMaker AI developer guide, "Cross-Service
    Confused Deputy Prevention"). It needs ArnLike or StringLike: StringEquals compares `*` literally.
    """
    trust = trust_policy_of(role)
    for condition in _sagemaker_source_conditions(trust):
        place, text = trust.at(condition.place), condition.values[0].text() if condition.values else ""
        resources = [resource for entry in condition.values if (resource := _source_resource(entry)) is not None]
        if len(resources) < len(condition.values):
            yield Undecided(place)
        elif condition.base.startswith("stringequals") and any("*" in entry.text() for entry in condition.values):
            yield f"compares aws:SourceArn with {text} by {condition.operator}, which does not support wildcards", place
        elif resources and "*" not in resources and (_hosts_models(role, stack) or _is_for_hosting(resources)):
            yield f"trusts SageMaker AI only for {text}", place


def _sagemaker_source_conditions(trust: Policy) -> Iterator[Condition]:
    """The conditions that limit the sources for which a trust policy trusts SageMaker AI."""
    for one in principals_assuming(trust):
        if one.kind == "service" and service_name(one.value) == "sagemaker":
            for condition in one.conditions:
                if condition.name == "aws:sourcearn" and not condition.quantifier and "not" not in condition.base:
                    yield condition


def _hosts_models(role: Resource, stack: Stack) -> bool:
    return any(user.type in {MODEL, ENDPOINT_CONFIGURATION} for user in stack.resources_with_role(role))


def _is_for_hosting(resources: list[str]) -> bool:
    return any(resource.startswith(_HOSTING_RESOURCES) for resource in resources)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Remove the service from the Principal of assume_role_policy.",
    terms=("unused trust", "service principal", "trust policy"),
)
def role_trusts_only_services_that_use_it(role: Resource, stack: Stack) -> Findings:
    """A trusted service that does not use the role is an unnecessary way to obtain the role's permissions.

    The rule checks roles that resources of the stack use. It skips roles whose ARN appears elsewhere in the stack, for
    example in a statement that allows iam:PassRole.
    """
    trust = trust_policy_of(role)
    services = [one for one in principals_assuming(trust) if one.kind == "service"]
    if not services:
        return
    used = {service_name(EXECUTION_ROLES[user.type].service) for user in stack.resources_with_role(role)}
    unused = [one for one in services if used and _using_service(one) not in used]
    if unused and role.urn not in stack.cached(roles_referenced_elsewhere):
        for one in unused:
            service = service_name(one.value)
            yield f"trusts {service}, but no {service} resource of the stack uses it", trust.at(one.place)


def _using_service(one: NamedPrincipal) -> str:
    name = service_name(one.value)
    return _COMPANIONS.get(name, name)


def _source_resource(entry: Entry) -> str | None:
    """The resource part of the required source ARN, `*` where any resource matches; None where it is not known."""
    if entry.value is None:
        return None
    arn = parse_arn(entry.value)
    return "*" if arn is None or glob(arn.resource).matches_everything else arn.resource
