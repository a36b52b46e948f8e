"""AWS managed policies that grant more than the stack's own resources."""

import re
from collections.abc import Iterator
from typing import Any, Final

from policypack.access.role_grants import permissions_of
from policypack.iam.managed_policies import MANAGED_POLICY_ARN
from policypack.model import (
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    Resource,
    Stack,
    Undecided,
    is_unknown,
)
from policypack.model.policy_attachments import MANAGED_POLICIES, ROLE_ATTACHMENTS
from policypack.rule import Findings, Level, Severity, rule

_ATTACHED: Final = {ROLE: MANAGED_POLICIES} | {type_: found.policies for type_, found in ROLE_ATTACHMENTS.items()}
_FULL_ACCESS: Final = re.compile(
    rf"{MANAGED_POLICY_ARN}(?!service-role/)"
    r"(?:.+/)?(?P<name>[^/]*FullAccess[^/]*|AdministratorAccess[^/]*|PowerUserAccess)"
)
"""AWS managed policies with full access, except those that AWS wrote for service roles (`service-role/`)."""

_WORKLOAD_POLICY: Final = re.compile(
    rf"{MANAGED_POLICY_ARN}"
    r"(?:.+/)?(?P<name>AWSLambda(?!ENIManagementAccess|_FullAccess)[^/]+|[^/]*ReadOnlyAccess)"
)
"""AWS managed policies for workloads whose actions on `*` could be limited to resources."""


@rule(
    on=tuple(_ATTACHED),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Set policy_arn (managed_policy_arns of a role) to an aws.iam.Policy that allows only what the workload uses.",
    terms=("AmazonS3FullAccess", "AmazonSQSFullAccess", "AmazonDynamoDBFullAccess", "customer managed policy"),
)
def role_has_no_full_access_managed_policy(holder: Resource, stack: Stack) -> Findings:
    """An AWS managed full-access policy grants access to every resource of a service, or of the whole account.

    AWS adds permissions to these policies when services gain features. The rule checks for AdministratorAccess,
    PowerUserAccess and policies named FullAccess, except those for service roles, and only for attachments to roles
    (IAM user guide, "AWS managed policies for job functions" and "Security best practices in IAM").
    """
    if holder.type == POLICY_ATTACHMENT and not holder.get("roles"):
        return  # attached to users or groups, not to a role
    attached = _ATTACHED[holder.type]
    own = {maker.type for maker in stack.dependencies_of(holder, attached)} == {POLICY}
    for path, arn in _attached_policies(holder, attached):
        if not is_unknown(arn):
            if isinstance(arn, str) and (found := _FULL_ACCESS.fullmatch(arn)) is not None:
                yield f"has the AWS managed policy {found['name']}", path
        elif not own:
            yield Undecided(path)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Set policy_arn (managed_policy_arns of a role) to an aws.iam.Policy that names the log group or queue.",
    terms=("AWSLambdaSQSQueueExecutionRole", "AWSLambdaVPCAccessExecutionRole", "customer managed policy"),
)
def workload_role_has_no_aws_managed_policy(role: Resource, stack: Stack) -> Findings:
    """An AWS managed policy grants access to all resources of the account, because it cannot name those of the stack.

    The rule checks roles that a workload of the stack uses for the policies of Lambda functions, such as
    AWSLambdaBasicExecutionRole, and for those named ReadOnlyAccess. AWS recommends such policies only to get started
    (IAM user guide, "Security best practices in IAM").
    """
    policies = [
        (held, found)
        for held in permissions_of(stack, role).documents
        if (found := _WORKLOAD_POLICY.fullmatch(held.arn))
    ]
    if policies and any(True for _ in stack.resources_with_role(role)):
        for held, found in policies:
            place = held.holder.at(held.path)
            yield f"has the AWS managed policy {found['name']}, which is not limited to the stack's resources", place


def _attached_policies(holder: Resource, path: str) -> Iterator[tuple[str, Any]]:
    """The policy ARNs in a property, each with its path."""
    arns = holder.get(path, ())
    if isinstance(arns, list):
        yield from ((f"{path}[{index}]", arn) for index, arn in enumerate(arns))
    elif is_unknown(arns) or arns:
        yield path, arns
