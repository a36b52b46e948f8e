"""Workloads with roles of their own, that the examples of rules over the whole stack vary.

Each builder makes a role, its policy of the given statements, and what works under it.
"""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from policypack.testing import ACCOUNT, REGION, UNKNOWN
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.programs import function, role

SAGEMAKER = "sagemaker.amazonaws.com"
POLL = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"]
AWS_POLICY = "arn:aws:iam::aws:policy/"


def may(holder: aws.iam.Role, *statements: dict[str, Any], name: str = "held") -> aws.iam.RolePolicy:
    """Give a role a policy of these statements: one part that is not known leaves none of its text known."""
    policy = text(document(*statements))
    return aws.iam.RolePolicy(name, role=holder.name, policy=UNKNOWN if UNKNOWN in policy else policy)


def allow(action: Any, target: Any, **more: Any) -> dict[str, Any]:
    """Give a statement that allows actions on a resource."""
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}


def deny(action: Any, target: Any = "*", **more: Any) -> dict[str, Any]:
    """Give a statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": target, **more}


def arn(service: str, name: str) -> str:
    """Give an ARN of the account and region that the tests are in."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def worker(*statements: dict[str, Any], name: str = "worker", **settings: Any) -> aws.lambda_.Function:
    """Give a function that works under a role with these statements."""
    managed = settings.pop("managed", None)
    holder = role(f"{name}-role", managed_policy_arns=managed)
    if statements:
        may(holder, *statements, name=f"{name}-policy")
    return function(name, role=holder.arn, **settings)


def model(*statements: dict[str, Any], **settings: Any) -> aws.sagemaker.Model:
    """Give a model that works under a role with these statements."""
    holder = role("model-role", SAGEMAKER)
    if statements:
        may(holder, *statements, name="model-policy")
    container = {key: settings.pop(key) for key in ("image", "model_data_url", "model_data_source") if key in settings}
    return aws.sagemaker.Model(
        "model",
        execution_role_arn=holder.arn,
        primary_container=aws.sagemaker.ModelPrimaryContainerArgs(**container) if container else None,
        **settings,
    )


def feed(source: Any, target: aws.lambda_.Function, **settings: Any) -> aws.lambda_.EventSourceMapping:
    """Map a source to a function."""
    return aws.lambda_.EventSourceMapping(
        "mapping", event_source_arn=source, function_name=target.arn, starting_position="LATEST", **settings
    )


def environment(**variables: Any) -> aws.lambda_.FunctionEnvironmentArgs:
    """Give the environment of a function."""
    return aws.lambda_.FunctionEnvironmentArgs(variables=variables)
