"""Policy documents, and the resources that hold them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.testing import ACCOUNT, REGION
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"


def allow(action: Any, target: Any = QUEUE, **more: Any) -> dict[str, Any]:
    """Give a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}


def when(key: str, value: str) -> dict[str, Any]:
    """Give a condition."""
    return {"StringEquals": {key: value}}


def document(*statements: Any) -> dict[str, Any]:
    """Give a document of statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role_policy(policy: Any) -> None:
    """Put the document into a policy of a role's own."""
    aws.iam.RolePolicy("held", role="worker", policy=policy)


def managed_policy(policy: Any) -> None:
    """Put the document into a policy that may be attached to roles."""
    aws.iam.Policy("held", policy=policy)


def inline_policy(policy: Any) -> None:
    """Put the document into the role itself."""
    role("held", inline_policies=[aws.iam.RoleInlinePolicyArgs(name="other", policy=text(document())), inline(policy)])


def inline(policy: Any) -> aws.iam.RoleInlinePolicyArgs:
    """Give an inline policy."""
    return aws.iam.RoleInlinePolicyArgs(name="work", policy=policy)


def text(policy: Any) -> str:
    """Write the document as the provider hands it on."""
    return policy if isinstance(policy, str) else json.dumps(policy)


HOLDERS: dict[str, Callable[[Any], None]] = {
    "policy": role_policy,
    "managed": managed_policy,
    "inlinePolicies[1].policy": inline_policy,
}
