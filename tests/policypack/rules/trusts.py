"""Trust policies, roles that have them, and the evidence for which account a stack is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.testing import ACCOUNT, REGION, program
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from policypack.model import Stack

OTHER = "999988887777"
IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a condition."""
    return {operator: {key: value}}


def trusting(principal: Any, condition: Any = None, *, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    """Give a statement that lets somebody assume the role."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return {**statement, "Condition": condition} if condition else statement


def denying(principal: Any, condition: Any = None, **more: Any) -> dict[str, Any]:
    """Give a statement that keeps somebody from assuming the role."""
    return {**trusting(principal, condition), "Effect": "Deny", **more}


def policy(*statements: Any) -> str:
    """Write a document of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def here() -> None:
    """Say by a queue's URL in which account the stack is."""
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/work"
    denial = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"}
    aws.sqs.QueuePolicy("here", queue_url=url, policy=policy(denial))


def trusted_by(*statements: Any, known: bool = True, **settings: Any) -> Stack:
    """Build a stack with a role of these trust statements; `known`: its account can be told."""

    def build() -> None:
        text = policy(*statements) if all(isinstance(one, dict) for one in statements) else statements[0]
        role("held", assume_role_policy=text, **settings)
        if known:
            here()

    return program(build)


def root(account: str = ACCOUNT) -> dict[str, str]:
    """Name all of an account."""
    return {"AWS": f"arn:aws:iam::{account}:root"}


def identity(name: str, account: str = ACCOUNT) -> dict[str, str]:
    """Name a role or user: `role/deploy`."""
    return {"AWS": f"arn:aws:iam::{account}:{name}"}


def service(name: str) -> dict[str, str]:
    """Name an AWS service: `lambda`."""
    return {"Service": f"{name}.amazonaws.com"}
