"""Roles that AWS services take on: those that use the role, and for this account only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.resource_policies import assuming, trust_of
from policypack.access.role_references import roles_named_elsewhere
from policypack.iam.condition_values import requires_fixed_value
from policypack.iam.globs import glob
from policypack.iam.trust_policies import service_name
from policypack.model import ENDPOINT_CONFIGURATION, MODEL, ROLE, Resource, Stack, Undecided
from policypack.model.arn import parse_arn
from policypack.model.roles import ROLE_USES
from policypack.rule import Findings, Level, Options, Severity, rule

if TYPE_CHECKING:
    from policypack.iam.elements import Entry
    from policypack.iam.trust_policies import NamedPrincipal

_SOURCES: Final = frozenset(("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"))
_DEPUTIES: Final = frozenset(("bedrock", "bedrock-agentcore", "codebuild", "pipes", "sagemaker", "scheduler", "states"))
"""Services whose guides ask for these conditions in a role's trust policy, each under "Cross-service confused deputy
prevention" or in the policies of its service roles."""

_WITHOUT_SOURCE: Final = frozenset(("apigateway", "cloudtrail", "elastictranscoder"))
"""Services that assume roles without saying for which resource: a condition on it locks them out."""

_COMPANIONS: Final = {"edgelambda": "lambda"}
_HOSTING: Final = ("model/", "endpoint/", "endpoint-config/", "inference-component/")


class DeputyOptions(Options):
    """`services`: further services that have to say for which account they assume a role, as `firehose`."""

    services: tuple[str, ...] = ()


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Pin aws:SourceAccount to your account, and aws:SourceArn to arn:aws:SERVICE:REGION:ACCOUNT:* by ArnLike, in "
    "the Condition of assume_role_policy.",
)
def role_trust_policy_prevents_confused_deputy(role: Resource, options: DeputyOptions) -> Findings:
    """A service that works for all customers can be made to assume the role on behalf of another one."""
    trust = trust_of(role)
    for one in assuming(trust):
        name = service_name(one.value)
        if one.kind != "service" or name in _WITHOUT_SOURCE or name not in _DEPUTIES | {*options.services}:
            continue
        if any(condition.name in _SOURCES and requires_fixed_value(condition) for condition in one.conditions):
            continue
        if any(not condition.base for condition in one.conditions):
            yield trust.unknown_condition(one.statement)
        else:
            yield f"lets {name} assume it on behalf of any account", trust.at(one.place)


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set aws:SourceArn in assume_role_policy to arn:aws:sagemaker:REGION:ACCOUNT:* by ArnLike.",
)
def sagemaker_role_source_arn_allows_inference(role: Resource, stack: Stack) -> Findings:
    """SageMaker hosts models under that ARN only: with the ARN of one model or endpoint it cannot assume the role."""
    trust = trust_of(role)
    hosts: bool | None = None
    for one in assuming(trust):
        if one.kind != "service" or service_name(one.value) != "sagemaker":
            continue
        for condition in one.conditions:
            if condition.name != "aws:sourcearn" or condition.quantifier or "not" in condition.base:
                continue
            literal = condition.base.startswith("stringequals")
            tails = [_tail(entry) for entry in condition.values]
            if any(tail is None for tail in tails):
                yield Undecided(trust.at(condition.place))
                continue
            if literal and any("*" in entry.text() for entry in condition.values):
                yield f"compares aws:SourceArn with the text {condition.values[0].text()}", trust.at(condition.place)
                continue
            if "*" in tails or not tails:
                continue
            if hosts is None:
                hosts = any(user.type in {MODEL, ENDPOINT_CONFIGURATION} for user in stack.users_of(role))
            if hosts or any(tail is not None and tail.startswith(_HOSTING) for tail in tails):
                yield f"lets SageMaker assume it for {condition.values[0].text()} only", trust.at(condition.place)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Leave the service out of assume_role_policy.",
)
def role_trusts_only_services_that_use_it(role: Resource, stack: Stack) -> Findings:
    """A service that nothing here uses the role for is a second way into it that nobody watches."""
    trust = trust_of(role)
    services = [one for one in assuming(trust) if one.kind == "service"]
    if not services:
        return
    used = {service_name(ROLE_USES[user.type].service) for user in stack.users_of(role)}
    unused = [one for one in services if used and _used_as(one) not in used]
    if unused and role.urn not in stack.once(roles_named_elsewhere):
        for one in unused:
            yield f"trusts {service_name(one.value)}, which nothing here uses it for", trust.at(one.place)


def _used_as(one: NamedPrincipal) -> str:
    name = service_name(one.value)
    return _COMPANIONS.get(name, name)


def _tail(entry: Entry) -> str | None:
    """The last segment of an ARN that the source has to have, `*` where it may be any; None where it is not known."""
    if entry.value is None:
        return None
    arn = parse_arn(entry.value)
    return "*" if arn is None or glob(arn.resource).matches_everything else arn.resource
