"""Which properties attach policies to roles, users and groups. From the schema of pulumi-aws 7.51.1, module `iam`."""

from __future__ import annotations

from typing import Final, NamedTuple

from policypack.model.types import (
    GROUP_POLICY_ATTACHMENT,
    POLICY_ATTACHMENT,
    ROLE,
    ROLE_POLICIES_EXCLUSIVE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    ROLE_POLICY_ATTACHMENTS_EXCLUSIVE,
    USER,
    USER_POLICY_ATTACHMENT,
)


class PolicyAttachment(NamedTuple):
    """`policies`: the property that holds the ARNs of managed policies, one or a list of them.

    `roles`: the property that names the roles that get them; empty for a type that attaches them to users or groups.
    """

    policies: str
    roles: str = ""


ATTACHMENTS: Final[dict[str, PolicyAttachment]] = {
    ROLE_POLICY_ATTACHMENT: PolicyAttachment("policyArn", "role"),
    POLICY_ATTACHMENT: PolicyAttachment("policyArn", "roles"),  # and to `users` and `groups`
    ROLE_POLICY_ATTACHMENTS_EXCLUSIVE: PolicyAttachment("policyArns", "roleName"),
    USER_POLICY_ATTACHMENT: PolicyAttachment("policyArn"),
    GROUP_POLICY_ATTACHMENT: PolicyAttachment("policyArn"),
}
"""The resource types that attach managed policies."""

ROLE_ATTACHMENTS: Final = {type_: found for type_, found in ATTACHMENTS.items() if found.roles}
"""Those of them that attach managed policies to roles."""

MANAGED_POLICIES: Final = "managedPolicyArns"
"""The property of a role that attaches managed policies to it."""

ATTACHING_PROPERTIES: Final[tuple[tuple[str, str], ...]] = (
    (ROLE, MANAGED_POLICIES),
    *((type_, found.policies) for type_, found in ATTACHMENTS.items()),
)
"""Every type with the property by which it attaches managed policies to somebody."""

PERMISSIONS_BOUNDARY: Final = "permissionsBoundary"
"""The property of a role or user that names the managed policy which limits what its policies grant."""

BOUNDED_TYPES: Final = (ROLE, USER)
"""The types that have a permissions boundary."""

INLINE_POLICIES: Final[dict[str, str]] = {ROLE_POLICY: "role", ROLE_POLICIES_EXCLUSIVE: "roleName"}
"""The types that hold, or list, inline policies of a role, with the property that names the role."""
