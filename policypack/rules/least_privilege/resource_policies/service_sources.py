"""Policies of resources that let an AWS service in for what is ours, and not for what is somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.resource_policies import BUCKETS, HOLDERS, KEYS, TOPICS, policy_of
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

_ALL: Final = (*HOLDERS, PERMISSION)
_ACCOUNTS: Final = frozenset(
    (
        *("aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"),
        *("kms:calleraccount", "lambda:eventsourcetoken"),
    )
)
_SOURCE: Final = "aws:sourcearn"
_CONTEXT: Final = "kms:encryptioncontext:"

_UNCONDITIONED: Final[dict[tuple[str, ...], dict[str, tuple[str, ...]]]] = {
    BUCKETS: {"logdelivery.elasticloadbalancing": ("s3:PutObject",), "delivery.logs": ("s3:GetBucketAcl",)},
    TOPICS: {"events": ("sns:Publish",), "codestar-notifications": ("sns:Publish",)},
    (REPOSITORY_POLICY,): {"lambda": ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")},
    KEYS: {"*": ("kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:Describe*", "kms:Get*", "kms:List*")},
    (PERMISSION, FUNCTION_POLICY): {"replicator.lambda": ("lambda:GetFunction",)},
}
"""What AWS's own guides let a service do without a condition, by who holds the policy.

ELB user guide, "Enable access logs"; EventBridge user guide, "Amazon SNS permissions" ("You can't use Condition blocks
in Amazon SNS topic policies for EventBridge"); Developer Tools console user guide, "Configure Amazon SNS topics for
notifications"; Lambda developer guide, "Amazon ECR permissions" and "Lambda@Edge"; SNS and SQS developer guides, "Key
management"; DynamoDB developer guide, "Using customer managed keys": there, what the service was told to encrypt is the
limit.
"""

_ACL: Final = "s3:x-amz-acl"


@rule(
    on=_ALL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Pin aws:SourceArn to what calls, and aws:SourceAccount to your account, in the Condition of the policy "
    "(source_arn and source_account of a permission).",
)
def resource_policy_prevents_confused_deputy(holder: Resource) -> Findings:
    """The service works for everybody: whoever sets it up in an account of their own reaches this resource by it."""
    policy = policy_of(holder)
    for one in policy.named:
        if one.kind != "service" or _is_limited(one) or _open_conditions(one) or _is_documented(one, policy):
            continue
        name, arns = service_name(one.value), required_values(one.conditions, _SOURCE)
        if any(not condition.base for condition in one.conditions):
            yield policy.unknown_condition(one.statement)
        elif not arns:
            yield Fault(f"lets {name} in on behalf of any account", policy.at(one.place), _fix(one.statement))
        elif name == "s3" and any(not entry.known for entry in arns):
            yield Undecided(policy.at(arns[0].place))
        elif name == "s3":
            yield Fault(
                f"lets {name} in for whoever owns a bucket of that name", policy.at(arns[0].place), _fix(one.statement)
            )


@rule(
    on=_ALL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the source's ARN with its account in aws:SourceArn (source_arn of a permission), or pin "
    "aws:SourceAccount.",
)
def resource_policy_source_arn_is_not_wildcard(holder: Resource) -> Findings:
    """A condition that everything meets looks like a limit and is none."""
    policy = policy_of(holder)
    for one in policy.named:
        if one.kind != "service" or _is_limited(one):
            continue
        for condition in _open_conditions(one):
            values = ", ".join(f"{entry.text()}" for entry in condition.values[:3])
            name = service_name(one.value)
            yield f"lets {name} in for any {condition.key} like {values}", policy.at(condition.place)
        yield from (
            Undecided(policy.at(entry.place))
            for condition in one.conditions
            if condition.name == _SOURCE and condition.base != "stringequals"
            for entry in condition.values
            if not entry.known
        )


def _is_limited(one: NamedPrincipal) -> bool:
    """Whether conditions say for which account, or for which resource of one account, the service may come."""
    return any(
        requires_fixed_value(condition)
        and (
            condition.name in _ACCOUNTS
            or condition.name.startswith(_CONTEXT)
            or (condition.name == _SOURCE and _is_ours(one, condition))
        )
        for condition in one.conditions
    )


def _is_ours(one: NamedPrincipal, condition: Condition) -> bool:
    """Whether the source is sure to be ours: S3's ARNs hold no account, and a bucket's name is free again one day."""
    if not all(entry.known for entry in condition.values):
        return False
    return service_name(one.value) != "s3" or all(
        account_of_principal(entry.text()).isdigit() for entry in condition.values
    )


def _open_conditions(one: NamedPrincipal) -> list[Condition]:
    """The conditions on the source that are met by sources of any account."""
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
    if policy.holder.type in BUCKETS and name == "delivery.logs" and required_values(statement.conditions, _ACL):
        return True  # ELB user guide, "Access logs", as it read until 2022
    allowed = tuple(_documented(policy.holder.type, name))
    return bool(statement.actions) and all(
        entry.value is not None and any(covers_action(shown, entry.value) for shown in allowed)
        for entry in statement.actions
    )


def _documented(type_: str, service: str) -> Iterator[str]:
    for holders, services in _UNCONDITIONED.items():
        if type_ in holders:
            yield from services.get(service, ())
            yield from services.get("*", ())


def _fix(statement: Statement) -> str:
    """The condition to paste, where the statement itself says whose the resource is."""
    accounts = (account_of_principal(entry.value) for entry in statement.resources if entry.value is not None)
    account = next((account for account in accounts if account.isdigit()), "")
    if not account:
        return ""
    return f'Add to the statement: "Condition": {{"StringEquals": {{"aws:SourceAccount": "{account}"}}}}.'
