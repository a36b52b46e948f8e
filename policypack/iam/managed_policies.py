"""The documents of the AWS managed policies that workloads use most often. Other managed policies are not included.

Source: AWS managed policy reference guide. AWS sometimes adds permissions to these policies and never removes any.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from policypack.iam.documents import parse_policy

if TYPE_CHECKING:
    from policypack.iam.elements import Document

MANAGED_POLICY_ARN: Final = "arn:aws[a-z-]*:iam::aws:policy/"
"""A regular expression for the beginning of the ARNs of AWS managed policies. After it stands the name with its path.

Source: IAM user guide, "IAM identifiers".
"""
_LOG_ACTIONS: Final = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_NETWORK_INTERFACE_ACTIONS: Final = (
    *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"),
    *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
)
_DYNAMODB_STREAM_ACTIONS: Final = (
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
)
_XRAY_ACTIONS: Final = (
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
    "xray:GetSamplingStatisticSummaries",
)

_ACTIONS_ON_ALL_RESOURCES: Final[dict[str, tuple[str, ...]]] = {
    "AdministratorAccess": ("*",),
    "service-role/AWSLambdaBasicExecutionRole": _LOG_ACTIONS,
    "service-role/AWSLambdaSQSQueueExecutionRole": (
        *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
        *_LOG_ACTIONS,
    ),
    "service-role/AWSLambdaDynamoDBExecutionRole": (*_DYNAMODB_STREAM_ACTIONS, *_LOG_ACTIONS),
    "service-role/AWSLambdaKinesisExecutionRole": (
        *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
        *("kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:ListStreams", "kinesis:SubscribeToShard"),
        *_LOG_ACTIONS,
    ),
    "service-role/AWSLambdaVPCAccessExecutionRole": (*_LOG_ACTIONS, *_NETWORK_INTERFACE_ACTIONS, "ec2:DescribeSubnets"),
    "service-role/AWSLambdaENIManagementAccess": _NETWORK_INTERFACE_ACTIONS,
    "service-role/AWSLambdaMSKExecutionRole": (
        *("kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"),
        *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs"),
        *("ec2:DeleteNetworkInterface", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
        *_LOG_ACTIONS,
    ),
    "service-role/AWSLambdaRole": ("lambda:InvokeFunction",),
    "AWSLambdaInvocation-DynamoDB": ("lambda:InvokeFunction", *_DYNAMODB_STREAM_ACTIONS),
    "AWSXRayDaemonWriteAccess": _XRAY_ACTIONS,
    "AWSXrayWriteOnlyAccess": _XRAY_ACTIONS,
}
"""The actions that a policy allows on all resources, by its name with path."""

_STATEMENTS: Final[dict[str, list[dict[str, Any]]]] = {
    "AWSLambdaExecute": [
        {"Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:*"},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::*"},
    ],
    "CloudWatchLambdaInsightsExecutionRolePolicy": [
        {"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda-insights:*",
        },
    ],
}


def is_aws_managed_policy(arn: str) -> bool:
    """Whether it is the ARN of a policy that AWS manages, included in this module or not."""
    return re.match(MANAGED_POLICY_ARN, arn) is not None


def managed_policy_document(arn: str) -> Document | None:
    """The document of an AWS managed policy, by its ARN. None if the policy is not included in this module."""
    found = re.fullmatch(f"{MANAGED_POLICY_ARN}(.+)", arn)
    return _document(found[1]) if found else None


@cache
def _document(name: str) -> Document | None:
    statements: list[dict[str, Any]] | None = _STATEMENTS.get(name)
    if name in _ACTIONS_ON_ALL_RESOURCES:
        statements = [{"Effect": "Allow", "Action": list(_ACTIONS_ON_ALL_RESOURCES[name]), "Resource": "*"}]
    return None if statements is None else parse_policy({"Version": "2012-10-17", "Statement": statements})
