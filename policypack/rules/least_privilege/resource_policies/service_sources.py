"""Resource-based policies that allow AWS services only on behalf of known accounts and resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.resource_policies import (
    BUCKET_POLICY_HOLDERS,
    KEY_POLICY_HOLDERS,
    RESOURCE_POLICY_HOLDERS,
    TOPIC_POLICY_HOLDERS,
    resource_policy_of,
)
from policypack.iam.condition_values import required_values, requires_fixed_value
from policypack.iam.fixed_values import is_fixed_value
from policypack.iam.matching import covers_action
from policypack.iam.trust_policies import account_of_principal, service_name
from policypack.model import FUNCTION_POLICY, PERMISSION, REPOSITORY_POLICY, Resource, Undecided
from policypack.rule import Fault, Findings, Level, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.access.resource_policies import Policy
    from policypack.iam.elements import Condition, Statement
    from policypack.iam.trust_policies import NamedPrincipal

_ALL: Final = (*RESOURCE_POLICY_HOLDERS, PERMISSION)
_ACCOUNTS: Final = frozenset(
    (
        *("aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"),
        *("kms:calleraccount", "lambda:eventsourcetoken"),
    )
)
_SOURCE: Final = "aws:sourcearn"
_CONTEXT: Final = "kms:encryptioncontext:"

_ALLOWED_WITHOUT_CONDITION: Final[dict[tuple[str, ...], dict[str, tuple[str, ...]]]] = {
    BUCKET_POLICY_HOLDERS: {
        "logdelivery.elasticloadbalancing": ("s3:PutObject",),
        "delivery.logs": ("s3:GetBucketAcl",),
    },
    TOPIC_POLICY_HOLDERS: {"events": ("sns:Publish",), "codestar-notifications": ("sns:Publish",)},
    (REPOSITORY_POLICY,): {"lambda": ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")},
    KEY_POLICY_HOLDERS: {
        "*": ("kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:Describe*", "kms:Get*", "kms:List*")
    },
    (PERMISSION, FUNCTION_POLICY): {"replicator.lambda": ("lambda:GetFunction",)},
}
"""What AWS's guides allow a service without a condition, by the types that hold the policy.

ELB user guide, "Enable access logs"; EventBridge user guide, "Amazon SNS permissions" ("You can't use Condition blocks
in Amazon SNS topic policies for EventBridge"); Developer Tools console user guide, "Configure Amazon SNS topics for
notifications"; Lambda developer guide, "Amazon ECR permissions" and "Lambda@Edge"; SNS and SQS developer guides, "Key
management"; DynamoDB developer guide, "Using customer managed keys": there, the resources that use the key are the
limit.
"""

_ACL: Final = "s3:x-amz-acl"


@rule(
    on=_ALL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Require aws:SourceArn (the ARN of the caller) and aws:SourceAccount (your account) in a Condition of the "
    "policy argument (source_arn and source_account of a permission).",
    terms=("service principal", "impersonation"),
)
def resource_policy_prevents_confused_deputy(holder: Resource) -> Findings:
    """Without a condition on the source, anyone can make the AWS service access the resource from another account.

    Statements that AWS's guides show without such a condition pass (IAM user guide, "The confused deputy problem":
    "Cross-service confused deputy prevention").
    """
    policy = resource_policy_of(holder)
    for one in policy.principals:
        if one.kind != "service" or _is_restricted(one) or _ineffective_conditions(one) or _is_documented(one, policy):
            continue
        name, arns = service_name(one.value), required_values(one.conditions, _SOURCE)
        if any(not condition.base for condition in one.conditions):
            yield policy.unknown_condition(one.statement)
        elif not arns:
            yield Fault(f"allows {name} on behalf of any account", policy.at(one.place), _fix(one.statement))
        elif name == "s3" and any(not entry.known for entry in arns):
            yield Undecided(policy.at(arns[0].place))
        elif name == "s3":
            yield Fault(
                f"allows {name} on behalf of any account that owns a bucket of that name",
                policy.at(arns[0].place),
                _fix(one.statement),
            )


@rule(
    on=_ALL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set aws:SourceArn (source_arn of a permission) to the ARN of the source with its account, or require "
    "aws:SourceAccount (source_account).",
    terms=("service principal",),
)
def resource_policy_source_arn_is_not_wildcard(holder: Resource) -> Findings:
    """A wildcard in aws:SourceArn or aws:SourceAccount that matches any account does not restrict the service.

    See the IAM user guide, "The confused deputy problem": "Cross-service confused deputy prevention".
    """
    policy = resource_policy_of(holder)
    for one in policy.principals:
        if one.kind != "service" or _is_restricted(one):
            continue
        for condition in _ineffective_conditions(one):
            values = ", ".join(f"{entry.text()}" for entry in condition.values[:3])
            name = service_name(one.value)
            yield f"allows {name} for any {condition.key} that matches {values}", policy.at(condition.place)
        yield from (
            Undecided(policy.at(entry.place))
            for condition in one.conditions
            if condition.name == _SOURCE and condition.base != "stringequals"
            for entry in condition.values
            if not entry.known
        )


def _is_restricted(one: NamedPrincipal) -> bool:
    """Whether conditions restrict the service to one account, or to a resource of one account."""
    return any(
        requires_fixed_value(condition)
        and (
            condition.name in _ACCOUNTS
            or condition.name.startswith(_CONTEXT)
            or (condition.name == _SOURCE and _belongs_to_one_account(one, condition))
        )
        for condition in one.conditions
    )


def _belongs_to_one_account(one: NamedPrincipal, condition: Condition) -> bool:
    """Whether the source belongs to one account: S3's ARNs hold none, and a deleted bucket's name is free to others."""
    if not all(entry.known for entry in condition.values):
        return False
    return service_name(one.value) != "s3" or all(
        account_of_principal(entry.text()).isdigit() for entry in condition.values
    )


def _ineffective_conditions(one: NamedPrincipal) -> list[Condition]:
    """The conditions on the source that sources of any account meet."""
    return [
        condition
        for condition in one.conditions
        if condition.name in {_SOURCE, *_ACCOUNTS}
        and "not" not in condition.base
        and condition.base not in {"null", "bool", ""}
        and any(not is_fixed_value(condition.base, condition.name, entry.value) for entry in condition.values)
    ]


def _is_documented(one: NamedPrincipal, policy: Policy) -> bool:
    """Whether AWS's own guides show the statement without a condition on its source."""
    name, statement = service_name(one.value), one.statement
    if (
        policy.holder.type in BUCKET_POLICY_HOLDERS
        and name == "delivery.logs"
        and required_values(statement.conditions, _ACL)
    ):
        return True  # ELB user guide, "Access logs", as it read until 2022
    allowed = tuple(_documented(policy.holder.type, name))
    return bool(statement.actions) and all(
        entry.value is not None and any(covers_action(shown, entry.value) for shown in allowed)
        for entry in statement.actions
    )


def _documented(type_: str, service: str) -> Iterator[str]:
    for holders, services in _ALLOWED_WITHOUT_CONDITION.items():
        if type_ in holders:
            yield from services.get(service, ())
            yield from services.get("*", ())


def _fix(statement: Statement) -> str:
    """The condition to add, if the statement contains the account of the resource; empty otherwise."""
    accounts = (account_of_principal(entry.value) for entry in statement.resources if entry.value is not None)
    account = next((account for account in accounts if account.isdigit()), "")
    if not account:
        return ""
    return f'Add to the statement: "Condition": {{"StringEquals": {{"aws:SourceAccount": "{account}"}}}}.'
