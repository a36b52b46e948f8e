"""Roles without the policies of AWS's own, which cannot name the stack's resources."""

import re
from collections.abc import Iterator
from typing import Any, Final

from policypack.access.role_grants import rights_of
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
    r"arn:aws[a-z-]*:iam::aws:policy/(?!service-role/)(?:.+/)?(?P<name>[^/]*FullAccess[^/]*|AdministratorAccess[^/]*|PowerUserAccess)"
)
"""AWS managed policies, but for those that AWS wrote for the role of one of its services (`service-role/`)."""


_FOR_ALL: Final = re.compile(
    r"arn:aws[a-z-]*:iam::aws:policy/"
    r"(?:.+/)?(?P<name>AWSLambda(?!ENIManagementAccess|_FullAccess)[^/]+|[^/]*ReadOnlyAccess)"
)
"""AWS managed policies of workloads with actions on `*` that could be limited to resources."""


@rule(
    on=tuple(_ATTACHED),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Set policy_arn (managed_policy_arns of a role) to an aws.iam.Policy with the actions and resources in use.",
)
def role_has_no_full_access_managed_policy(holder: Resource, stack: Stack) -> Findings:
    """These policies reach every table, queue and endpoint of the account, and grow whenever the service does."""
    if holder.type == POLICY_ATTACHMENT and not holder.get("roles"):
        return  # attached to people, not to a workload
    attached = _ATTACHED[holder.type]
    own = {maker.type for maker in stack.made_from(holder, attached)} == {POLICY}
    for path, arn in _policies(holder, attached):
        if not is_unknown(arn):
            if isinstance(arn, str) and (found := _FULL_ACCESS.fullmatch(arn)) is not None:
                yield f"has the AWS managed policy {found['name']}", path
        elif not own:
            yield Undecided(path)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Set policy_arn (managed_policy_arns of a role) to an aws.iam.Policy that names the log group or the queue.",
)
def workload_role_has_no_aws_managed_policy(role: Resource, stack: Stack) -> Findings:
    """A policy that AWS wrote for everybody holds for every log group, queue and stream of the account."""
    policies = [(held, found) for held in rights_of(stack, role).documents if (found := _FOR_ALL.fullmatch(held.arn))]
    if policies and any(True for _ in stack.users_of(role)):
        for held, found in policies:
            place = held.holder.at(held.path)
            yield f"has the AWS managed policy {found['name']}, which is not limited to what is here", place


def _policies(holder: Resource, path: str) -> Iterator[tuple[str, Any]]:
    """The ARNs that the property holds, with their places."""
    arns = holder.get(path, ())
    if isinstance(arns, list):
        yield from ((f"{path}[{index}]", arn) for index, arn in enumerate(arns))
    elif is_unknown(arns) or arns:
        yield path, arns
