"""IAM policy documents, known at preview if everything they contain is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_environment import AwsEnvironment

Statement = dict[str, Any]
Condition = dict[str, dict[str, Any]]


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document with these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    actions: Sequence[str],
    resources: Sequence[pulumi.Input[str]],
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """An Allow statement."""
    statement: Statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})


def allow_service(
    service: str,
    actions: Sequence[str],
    resource: pulumi.Input[str],
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """A statement of a resource policy that allows an AWS service (`events`) these actions."""
    return allow(actions, [resource], condition) | {"Principal": {"Service": f"{service}.amazonaws.com"}}


def trust(service: str, condition: Mapping[str, Mapping[str, Any]] | None = None) -> pulumi.Output[str]:
    """A trust policy that lets only one AWS service assume the role."""
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return document(statement | ({"Condition": condition} if condition else {}))


def allow_key_use(
    aws_env: AwsEnvironment,
    alias: pulumi.Input[str],
    services: Sequence[str],
    actions: Sequence[str] = ("kms:Decrypt",),
) -> Statement:
    """Allow the use of the KMS key with this alias, through these services only (kms:ViaService).

    A key's ARN is unknown until the key exists, its alias is known at preview:
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    return allow(
        actions,
        [aws_env.arn("kms", "key/*")],
        {
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
            "StringEquals": {"kms:ViaService": [aws_env.via_service(service) for service in services]},
        },
    )


def deny_insecure_transport(actions: str, *resources: pulumi.Input[str]) -> Statement:
    """Deny requests without TLS: a statement for the policy of a queue, a topic or a bucket."""
    return {
        "Sid": "DenyWithoutTLS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources[0] if len(resources) == 1 else list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
