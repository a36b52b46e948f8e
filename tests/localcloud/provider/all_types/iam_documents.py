"""IAM documents."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


def document(actions: str | list[str], resource: object) -> pulumi.Output[str]:
    """Allow actions on one resource."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


def open_to(service: str, action: str, resource: object) -> pulumi.Output[str]:
    """Allow a service one action on one resource."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    """Let a service take a role."""
    return aws.iam.get_policy_document(
        statements=[
            aws.iam.GetPolicyDocumentStatementArgs(
                actions=["sts:AssumeRole"],
                principals=[aws.iam.GetPolicyDocumentStatementPrincipalArgs(type="Service", identifiers=[service])],
            )
        ]
    ).json
