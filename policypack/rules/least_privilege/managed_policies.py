"""Roles without the policies of AWS's own that grant a whole service, or everything."""

import re
from collections.abc import Iterator
from typing import Any, Final

from policypack.model import (
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    ROLE_POLICY_ATTACHMENT,
    ROLE_POLICY_ATTACHMENTS,
    Resource,
    Stack,
    Undecided,
    is_unknown,
)
from policypack.rule import Findings, Level, Severity, rule

_ATTACHED: Final = {
    ROLE: "managedPolicyArns",
    ROLE_POLICY_ATTACHMENTS: "policyArns",
    ROLE_POLICY_ATTACHMENT: "policyArn",
    POLICY_ATTACHMENT: "policyArn",
}
_FULL_ACCESS: Final = re.compile(
    r"arn:aws[a-z-]*:iam::aws:policy/(?!service-role/)(?:.+/)?(?P<name>[^/]*FullAccess[^/]*|AdministratorAccess[^/]*|PowerUserAccess)"
)
"""AWS managed policies, but for those that AWS wrote for the role of one of its services (`service-role/`)."""


@rule(
    on=tuple(_ATTACHED),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Set policy_arn (managed_policy_arns of a role) to an aws.iam.Policy with the actions and resources in use.",
)
def role_has_no_full_access_policy(holder: Resource, stack: Stack) -> Findings:
    """These policies reach every table, queue and endpoint of the account, and grow whenever the service does."""
    if holder.type == POLICY_ATTACHMENT and not holder.get("roles"):
        return  # attached to people, not to a workload
    attached = _ATTACHED[holder.type]
    own = {maker.type for maker in stack.made_from(holder, attached)} == {POLICY}
    for path, arn in _policies(holder, attached):
        if not is_unknown(arn):
            if (found := _FULL_ACCESS.fullmatch(arn)) is not None:
                yield f"has the AWS managed policy {found['name']}", path
        elif not own:
            yield Undecided(path)


def _policies(holder: Resource, path: str) -> Iterator[tuple[str, Any]]:
    """The ARNs that the property holds, with their places."""
    arns = holder.get(path, ())
    if isinstance(arns, list):
        yield from ((f"{path}[{index}]", arn) for index, arn in enumerate(arns))
    elif is_unknown(arns) or arns:
        yield path, arns
