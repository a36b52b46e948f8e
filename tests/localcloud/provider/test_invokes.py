"""Functions of the aws package, answered without an AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest

if TYPE_CHECKING:
    from tests.localcloud.provider.provider_client import ProviderClient

DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"
IMAGE = "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage"


@pytest.mark.parametrize(
    ("token", "given", "expected"),
    [
        ("aws:index/getCallerIdentity:getCallerIdentity", {}, {"accountId": "123456789012", "id": "123456789012"}),
        ("aws:index/getRegion:getRegion", {}, {"name": "eu-west-1", "region": "eu-west-1", "id": "eu-west-1"}),
        ("aws:index/getRegion:getRegion", {"region": "us-east-1"}, {"region": "us-east-1"}),
        ("aws:index/getPartition:getPartition", {}, {"partition": "aws", "dnsSuffix": "amazonaws.com"}),
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"excludeNames": ["eu-west-1b"]},
            {"names": ["eu-west-1a", "eu-west-1c"], "zoneIds": ["euw1-az1", "euw1-az3"]},
        ),
        (
            "aws:index/getServicePrincipal:getServicePrincipal",
            {"serviceName": "lambda"},
            {"name": "lambda.amazonaws.com"},
        ),
        (
            IMAGE,
            {"repositoryName": "sagemaker-xgboost", "imageTag": "1.7-1"},
            {"registryPath": "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"},
        ),
    ],
)
def test_answers(offline: ProviderClient, token: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Constants of the local cloud."""
    result = offline.invoke(token, given)
    assert {key: result[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"Version": "2012-10-17"}),
        (
            {
                "policyId": "p",
                "version": "2008-10-17",
                "statements": [{"sid": "one", "actions": ["s3:GetObject"], "resources": ["*"]}],
            },
            {
                "Version": "2008-10-17",
                "Id": "p",
                "Statement": [{"Sid": "one", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            },
        ),
        (
            {
                "statements": [
                    {
                        "effect": "Deny",
                        "notActions": ["a:B", "a:C"],
                        "notResources": ["arn:aws:s3:::&{aws:username}/*"],
                        "notPrincipals": [{"type": "*", "identifiers": ["*"]}],
                        "conditions": [
                            {"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]},
                            {"test": "StringEquals", "variable": "x", "values": ["1", "2"]},
                        ],
                    }
                ]
            },
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "NotAction": ["a:C", "a:B"],
                        "NotResource": "arn:aws:s3:::${aws:username}/*",
                        "NotPrincipal": "*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"x": ["2", "1"]}},
                    }
                ],
            },
        ),
        (
            {
                "statements": [
                    {
                        "actions": ["sts:AssumeRole"],
                        "principals": [
                            {"type": "Service", "identifiers": ["lambda.amazonaws.com"]},
                            {"type": "AWS", "identifiers": ["arn:b", "arn:a"]},
                        ],
                    }
                ]
            },
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"Service": "lambda.amazonaws.com", "AWS": ["arn:b", "arn:a"]},
                    }
                ],
            },
        ),
        (
            {
                "sourcePolicyDocuments": ['{"Statement": [{"Sid": "a", "Effect": "Allow"}, {"Effect": "Allow"}]}'],
                "statements": [{"sid": "b", "actions": ["x:Y"]}],
                "overridePolicyDocuments": ['{"Statement": {"Sid": "a", "Effect": "Deny"}}'],
            },
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Sid": "a", "Effect": "Deny"},
                    {"Effect": "Allow"},
                    {"Sid": "b", "Effect": "Allow", "Action": "x:Y"},
                ],
            },
        ),
    ],
)
def test_policy_documents_are_terraforms(
    offline: ProviderClient, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Order of keys and of lists too: the text is compared."""
    result = offline.invoke(DOCUMENT, given)
    assert result["json"] == json.dumps(expected, indent=2)
    assert result["minifiedJson"] == json.dumps(expected, separators=(",", ":"))
    assert result["id"]


@pytest.mark.parametrize(
    ("token", "given", "told"),
    [
        ("aws:ec2/getAmi:getAmi", {}, "no function aws:ec2/getAmi:getAmi"),
        (IMAGE, {"repositoryName": "lda"}, "no registry of lda in eu-west-1"),
    ],
)
def test_what_it_lacks_is_named(offline: ProviderClient, token: str, given: dict[str, Any], told: str) -> None:
    """And so is what it has."""
    with pytest.raises(grpc.RpcError) as caught:
        offline.invoke(token, given)
    assert told in str(caught.value.details())
    assert "\n" not in str(caught.value.details())
