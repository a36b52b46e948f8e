"""The AWS managed policies that workloads are given most often, as documents. All others are not known here.

AWS managed policy reference guide. AWS adds to these policies now and then and takes nothing away.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from policypack.iam.documents import parse

if TYPE_CHECKING:
    from policypack.iam.elements import Document

_ARN: Final = r"arn:aws[a-z-]*:iam::aws:policy/(.+)"
_LOGS: Final = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_INTERFACES: Final = (
    *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"),
    *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
)
_TABLE_STREAM: Final = (
    *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
)
_TRACES: Final = (
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
    "xray:GetSamplingStatisticSummaries",
)

_ON_EVERYTHING: Final[dict[str, tuple[str, ...]]] = {
    "AdministratorAccess": ("*",),
    "service-role/AWSLambdaBasicExecutionRole": _LOGS,
    "service-role/AWSLambdaSQSQueueExecutionRole": (
        *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
        *_LOGS,
    ),
    "service-role/AWSLambdaDynamoDBExecutionRole": (*_TABLE_STREAM, *_LOGS),
    "service-role/AWSLambdaKinesisExecutionRole": (
        *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
        *("kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:ListStreams", "kinesis:SubscribeToShard"),
        *_LOGS,
    ),
    "service-role/AWSLambdaVPCAccessExecutionRole": (*_LOGS, *_INTERFACES, "ec2:DescribeSubnets"),
    "service-role/AWSLambdaENIManagementAccess": _INTERFACES,
    "service-role/AWSLambdaMSKExecutionRole": (
        *("kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"),
        *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs"),
        *("ec2:DeleteNetworkInterface", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
        *_LOGS,
    ),
    "service-role/AWSLambdaRole": ("lambda:InvokeFunction",),
    "AWSLambdaInvocation-DynamoDB": ("lambda:InvokeFunction", *_TABLE_STREAM),
    "AWSXRayDaemonWriteAccess": _TRACES,
    "AWSXrayWriteOnlyAccess": _TRACES,
}
"""Name with path, and the actions that it allows on every resource."""

_OTHERS: Final[dict[str, list[dict[str, Any]]]] = {
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


def document_of(arn: str) -> Document | None:
    """The document of an AWS managed policy; None where it is not one of those known here."""
    found = re.fullmatch(_ARN, arn)
    return _document(found[1]) if found else None


@cache
def _document(name: str) -> Document | None:
    statements: list[dict[str, Any]] | None = _OTHERS.get(name)
    if name in _ON_EVERYTHING:
        statements = [{"Effect": "Allow", "Action": list(_ON_EVERYTHING[name]), "Resource": "*"}]
    return None if statements is None else parse({"Version": "2012-10-17", "Statement": statements})
