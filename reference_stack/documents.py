"""IAM policy documents, as text that is known at preview when everything that goes into it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from place import Place

Statement = dict[str, Any]
Condition = dict[str, dict[str, Any]]


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document of these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    actions: Sequence[str],
    resources: Sequence[pulumi.Input[str]],
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """Allow actions on resources."""
    statement: Statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})


def allow_service(
    service: str,
    actions: Sequence[str],
    resource: pulumi.Input[str],
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """Allow an AWS service (`events`) actions on the resource whose policy this is."""
    return allow(actions, [resource], condition) | {"Principal": {"Service": f"{service}.amazonaws.com"}}


def trust(service: str, condition: Mapping[str, Mapping[str, Any]] | None = None) -> pulumi.Output[str]:
    """A trust policy that lets one AWS service, and nobody else, take on the role."""
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return document(statement | ({"Condition": condition} if condition else {}))


def use_key(
    place: Place, alias: pulumi.Input[str], services: Sequence[str], actions: Sequence[str] = ("kms:Decrypt",)
) -> Statement:
    """Allow the use of the key behind an alias, when one of these services asks for it on the role's behalf.

    A key's ARN is not known before the key exists, its alias is:
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    return allow(
        actions,
        [place.arn("kms", "key/*")],
        {
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
            "StringEquals": {"kms:ViaService": [place.caller(service) for service in services]},
        },
    )


def refuse_plain_http(actions: str, *resources: pulumi.Input[str]) -> Statement:
    """Refuse whoever does not come over TLS: a statement for the policy of a queue, a topic or a bucket."""
    return {
        "Sid": "DenyWithoutTLS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources[0] if len(resources) == 1 else list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
