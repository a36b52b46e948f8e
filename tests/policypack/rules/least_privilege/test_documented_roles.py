"""Roles as AWS documents them: none of the rules about identity policies has anything to say."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pytest

from policypack.testing import PASS, judgements, program
from tests.policypack.rules.groups import group
from tests.policypack.rules.policies import allow, document, inline, text
from tests.policypack.rules.programs import function, role

HERE = "arn:aws:{}:eu-west-1:123456789012:{}".format
QUEUE = HERE("sqs", "work")
KEY = HERE("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")
CONSUME = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], QUEUE)
TRACE = allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")
INVOKE = allow("lambda:InvokeFunction", [HERE("lambda", "function:next"), HERE("lambda", "function:next:*")])


def through(*services: str) -> dict[str, Any]:
    """Give a condition on who uses a key for the caller."""
    return {"StringEquals": {"kms:ViaService": [f"{service}.eu-west-1.amazonaws.com" for service in services]}}


def write(group: str) -> dict[str, Any]:
    """Give the statement that lets a log be written."""
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], HERE("logs", f"log-group:{group}:*"))


INTERFACES = allow(
    [
        *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
        *("ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
    ],
    "*",
)
MODEL = [
    allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], "*"),
    allow("s3:GetObject", "arn:aws:s3:::models/predictor/model.tar.gz"),
    allow(
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        HERE("ecr", "repository/predictor"),
    ),
    allow(
        ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        HERE("logs", "log-group:/aws/sagemaker/Endpoints/*"),
    ),
]

ROLES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    # Lambda developer guide
    "with-sqs": ("lambda", [CONSUME, write("/aws/lambda/worker")]),
    "with-sqs, a customer key": ("lambda", [CONSUME, allow("kms:Decrypt", KEY), write("/aws/lambda/worker")]),
    "lambda-intro-execution-role": (
        "lambda",
        [allow("logs:CreateLogGroup", HERE("logs", "*")), write("/aws/lambda/worker")],
    ),
    "configuration-vpc": ("lambda", [INTERFACES, write("/aws/lambda/worker")]),
    "configuration-vpc, not for the code": (
        "lambda",
        [
            INTERFACES,
            {
                "Effect": "Deny",
                "Action": ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
                "Resource": "*",
                "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": [HERE("lambda", "function:worker")]}},
            },
        ],
    ),
    "services-xray": ("lambda", [TRACE]),
    "with-ddb": (
        "lambda",
        [
            allow(
                ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                HERE("dynamodb", "table/results/stream/*"),
            ),
            allow("dynamodb:ListStreams", "*"),
        ],
    ),
    # the data that a worker works with
    "DynamoDB items": (
        "lambda",
        [
            allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], HERE("dynamodb", "table/results")),
            allow("dynamodb:Query", HERE("dynamodb", "table/results/index/*")),
            allow("kms:Decrypt", KEY, Condition=through("dynamodb")),
        ],
    ),
    "SageMaker endpoint": ("lambda", [allow("sagemaker:InvokeEndpoint", HERE("sagemaker", "endpoint/predictor"))]),
    "KMS by alias": (
        "lambda",
        [
            allow(
                ["kms:Decrypt", "kms:GenerateDataKey"],
                HERE("kms", "key/*"),
                Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/work"}},
            )
        ],
    ),
    "one secret": ("lambda", [allow("secretsmanager:GetSecretValue", HERE("secretsmanager", "secret:db-??????"))]),
    "Parameter Store": ("lambda", [allow("ssm:GetParametersByPath", HERE("ssm", "parameter/worker/*"))]),
    "S3 prefix": (
        "lambda",
        [
            allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::data/worker/*"),
            allow("s3:ListBucket", "arn:aws:s3:::data", Condition={"StringLike": {"s3:prefix": "worker/*"}}),
        ],
    ),
    "AppConfig": ("lambda", [allow("appconfig:GetLatestConfiguration", HERE("appconfig", "application/a/*"))]),
    # SageMaker AI developer guide, "CreateModel API: Execution role"
    "sagemaker-roles": ("sagemaker", MODEL),
    "sagemaker-roles, in a VPC": (
        "sagemaker",
        [
            *MODEL,
            allow(
                [
                    *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission"),
                    *("ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"),
                    *("ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs", "ec2:DescribeDhcpOptions"),
                    *("ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
                ],
                "*",
            ),
        ],
    ),
    "deployment-guardrails": (
        "sagemaker",
        [*MODEL, allow("cloudwatch:DescribeAlarms", HERE("cloudwatch", "alarm:errors"))],
    ),
    # Step Functions developer guide, "IAM policies for integrated services"
    "lambda-iam": ("states", [INVOKE]),
    "sqs-iam": ("states", [allow("sqs:SendMessage", QUEUE)]),
    "sagemaker-iam": (
        "states",
        [
            allow(
                ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"],
                HERE("sagemaker", "training-job/predictor*"),
            ),
            allow(
                "iam:PassRole",
                "arn:aws:iam::123456789012:role/training",
                Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            ),
            allow(
                ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
                HERE("events", "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
            ),
        ],
    ),
    # EventBridge user guide, pipes and the scheduler
    "eb-pipes-permissions": ("pipes", [CONSUME, INVOKE]),
    "scheduler": ("scheduler", [allow("sqs:SendMessage", QUEUE)]),
    # API Gateway developer guide
    "integrating-api-with-aws-services-sqs": ("apigateway", [allow("sqs:SendMessage", QUEUE)]),
    # IAM user guide
    "id_roles_use_permissions-to-switch": (
        "lambda",
        [allow("sts:AssumeRole", "arn:aws:iam::210987654321:role/reader")],
    ),
    "create-service-linked-role": (
        "codebuild",
        [
            allow(
                "iam:CreateServiceLinkedRole",
                "arn:aws:iam::*:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*",
                Condition={"StringLike": {"iam:AWSServiceName": "autoscaling.amazonaws.com"}},
            )
        ],
    ),
}


def documented(service: str, statements: list[dict[str, Any]]) -> None:
    """Build the role, at work if its service is Lambda, and the role that a state machine passes on."""
    holder = role("worker", f"{service}.amazonaws.com", inline_policies=[inline(text(document(*statements)))])
    if service == "lambda":
        function("worker", role=holder.arn)
    training = [inline(text(document(allow("s3:GetObject", "arn:aws:s3:::data/*"))))]
    role("training", "sagemaker.amazonaws.com", name="training", inline_policies=training)
    aws.cloudwatch.LogGroup("other", name="/aws/lambda/other")


@pytest.mark.parametrize("name", ROLES)
def test_nothing_is_said_of_a_documented_role(name: str) -> None:
    """And nothing is left open."""
    stack = program(lambda: documented(*ROLES[name]))
    for rule in group("identity", "hygiene"):
        for subject, judgement in judgements(rule, stack).items():
            assert judgement.verdict == PASS, f"{rule.id}, {subject}: {judgement}"
