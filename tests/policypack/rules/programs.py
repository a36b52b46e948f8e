"""Small programs, of real resource classes, that the examples vary."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws


def table(resource: str = "results", /, **settings: Any) -> aws.dynamodb.Table:
    """Give a table of items by id."""
    key = aws.dynamodb.TableAttributeArgs(name="id", type="S")
    return aws.dynamodb.Table(resource, hash_key="id", attributes=[key], **settings)


def role(resource: str = "role", service: str = "lambda.amazonaws.com", /, **settings: Any) -> aws.iam.Role:
    """Give a role that one service may assume."""
    settings.setdefault("assume_role_policy", trust(service))
    return aws.iam.Role(resource, **settings)


def trust(*services: str) -> str:
    """Give the trust policy that names these services."""
    principal = {"Service": list(services) if len(services) > 1 else services[0]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def function(name: str = "worker", **settings: Any) -> aws.lambda_.Function:
    """Give a function that runs Python from an archive."""
    settings.setdefault("role", "arn:aws:iam::123456789012:role/elsewhere")
    settings.setdefault("runtime", "python3.13")
    settings.setdefault("code", pulumi.AssetArchive({"handler.py": pulumi.StringAsset("")}))
    settings.setdefault("handler", "handler.handle")
    return aws.lambda_.Function(name, **settings)


def mapping(source: Any, target: Any = "elsewhere", **settings: Any) -> aws.lambda_.EventSourceMapping:
    """Give a mapping from a source's ARN to a function."""
    return aws.lambda_.EventSourceMapping("mapping", event_source_arn=source, function_name=target, **settings)


def redrive(arn: Any) -> pulumi.Output[str]:
    """Give a redrive policy to a dead-letter queue of that ARN."""
    return pulumi.Output.json_dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
