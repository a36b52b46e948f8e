"""Wildcard resources in identity-based policies: `*`, NotResource, whole resource types and log groups."""

from __future__ import annotations

from typing import Any

from policypack.model import ROLE_POLICY, Stack, Unknown
from policypack.rules.least_privilege.identity.log_groups import (
    role_does_not_create_log_groups_of_the_stack,
    role_writes_to_named_log_groups,
)
from policypack.rules.least_privilege.identity.partial_wildcards import role_has_no_resource_type_wildcard
from policypack.rules.least_privilege.identity.wildcards import role_has_no_wildcard_resource
from policypack.testing import UNDECIDED, judge, judgements, messages, resource
from tests.policypack.rules.identity import (
    IAM,
    LAMBDA,
    LOGS,
    QUEUE,
    REFERENCE,
    SAGEMAKER,
    STREAMS,
    TABLE,
    Case,
    cases,
    check,
    stack_of,
)
from tests.policypack.rules.policies import allow, document

RESOURCE = f"{IAM}/reference_policies_elements_resource.html"
NOT_RESOURCE = f"{IAM}/reference_policies_elements_notresource.html"
ABAC = f"{IAM}/introduction_attribute-based-access-control.html"
STAR = "role-has-no-wildcard-resource"
TYPE = "role-has-no-resource-type-wildcard"
EVERY_LOG = "role-writes-to-named-log-groups"
CREATES = "role-does-not-create-log-groups-of-the-stack"
HERE = "arn:aws:{}:eu-west-1:123456789012:{}".format
INVOKE = f"{REFERENCE}/list_amazonsagemaker.html"
OWN_GROUP = f"{LAMBDA}/monitoring-cloudwatchlogs.html"
WRITE = ["logs:CreateLogStream", "logs:PutLogEvents"]
MESSAGES = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]

EVERYTHING: list[Case] = [
    # "you must specify all resources" only where the table lists no resource type
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:PutItem", "*"), STAR),
    (f"{REFERENCE}/list_amazonsqs.html", allow(MESSAGES, ["*"]), STAR),
    (f"{REFERENCE}/list_amazonsagemaker.html", allow("sagemaker:InvokeEndpoint", "*"), STAR),
    (f"{REFERENCE}/list_awssecretsmanager.html", allow("secretsmanager:GetSecretValue", "*"), STAR),
    (f"{REFERENCE}/list_amazons3.html", allow("s3:GetObject", "*"), STAR),
    (f"{REFERENCE}/list_amazons3.html", allow(["s3:ListAllMyBuckets", "s3:ListBucket"], "*"), STAR),  # mixed
    (f"{REFERENCE}/list_awsx-ray.html", allow(["xray:PutTraceSegments", "dynamodb:PutItem"], "*"), STAR),  # mixed
    (RESOURCE, allow("sqs:SendMessage", "arn:*"), STAR),
    (NOT_RESOURCE, {"Effect": "Allow", "Action": "dynamodb:PutItem", "NotResource": TABLE}, STAR),
    (NOT_RESOURCE, {"Effect": "Allow", "Action": ["s3:GetObject"], "NotResource": ["arn:aws:s3:::hr/*"]}, STAR),
    # actions without resource-level permissions
    (f"{REFERENCE}/list_awsx-ray.html", allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"), ""),
    (f"{SAGEMAKER}/sagemaker-roles.html", allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], "*"), ""),
    (f"{REFERENCE}/list_amazons3.html", allow("s3:ListAllMyBuckets", "*"), ""),
    (
        f"{LAMBDA}/configuration-vpc.html",
        allow(
            [
                *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
                *("ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
            ],
            "*",
        ),
        "",
    ),
    (NOT_RESOURCE, {"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::models/*"]}, ""),
    (
        ABAC,
        allow("s3:GetObject", "*", Condition={"StringEquals": {"iam:ResourceTag/team": "a"}}),
        STAR,
    ),  # a key of another service
    (ABAC, allow("sqs:SendMessage", "*", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}), STAR),
    # conditions that select the resources
    (ABAC, allow("dynamodb:PutItem", "*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}}), ""),
    (ABAC, allow("sqs:SendMessage", "*", Condition={"StringEquals": {"aws:ResourceAccount": "123456789012"}}), ""),
]


@cases(EVERYTHING, role_has_no_wildcard_resource)
def test_wildcard_resources(policy: Any, ids: str) -> None:
    """Policies name resources where the actions support it."""
    check(policy, ids)


TYPES: list[Case] = [
    # ARN formats of the Service Authorization Reference with a wildcard for each name
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:PutItem", HERE("dynamodb", "table/*")), TYPE),
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:Query", HERE("dynamodb", "table/*/index/*")), TYPE),
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:PutItem", HERE("dynamodb", "*")), TYPE),
    (
        f"{REFERENCE}/list_amazonsagemaker.html",
        allow("sagemaker:InvokeEndpoint", HERE("sagemaker", "endpoint/*")),
        TYPE,
    ),
    (INVOKE, allow("sagemaker:InvokeEndpoint", HERE("sagemaker", "*/*")), TYPE),
    (f"{REFERENCE}/list_amazonsqs.html", allow("sqs:SendMessage", "arn:aws:sqs:*:*:*"), TYPE),
    (f"{REFERENCE}/list_amazonsqs.html", allow("sqs:SendMessage", HERE("sqs", "?*")), TYPE),
    (f"{REFERENCE}/list_amazons3.html", allow("s3:GetObject", "arn:aws:s3:::*"), TYPE),
    (f"{REFERENCE}/list_amazons3.html", allow("s3:GetObject", "arn:aws:s3:::*/*"), TYPE),
    (f"{REFERENCE}/list_amazoncloudwatchlogs.html", allow(WRITE, HERE("logs", "log-group:*")), TYPE),
    (f"{REFERENCE}/list_awslambda.html", allow("lambda:InvokeFunction", HERE("lambda", "function:*")), TYPE),
    (
        f"{REFERENCE}/list_awssecretsmanager.html",
        allow("secretsmanager:GetSecretValue", HERE("secretsmanager", "secret:*")),
        TYPE,
    ),
    (
        f"{REFERENCE}/list_awsidentityandaccessmanagementiam.html",
        allow("iam:GetRole", "arn:aws:iam::123456789012:role/*"),
        TYPE,
    ),
    (RESOURCE, allow(["dynamodb:PutItem", "sqs:SendMessage"], [QUEUE, HERE("dynamodb", "table/*")]), TYPE),
    # names, and patterns that contain a name
    (f"{REFERENCE}/list_amazondynamodb.html", allow("dynamodb:Query", f"{TABLE}/index/*"), ""),
    (f"{REFERENCE}/list_amazons3.html", allow("s3:GetObject", "arn:aws:s3:::models/*"), ""),
    (RESOURCE, allow("sqs:SendMessage", HERE("sqs", "work-*")), ""),
    (RESOURCE, allow("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/results"), ""),
    (f"{SAGEMAKER}/sagemaker-roles.html", allow(WRITE, HERE("logs", "log-group:/aws/sagemaker/Endpoints/*")), ""),
    (f"{REFERENCE}/list_awslambda.html", allow("lambda:InvokeFunction", HERE("lambda", "function:next:*")), ""),
    (
        f"{REFERENCE}/list_awsstepfunctions.html",
        allow("states:DescribeExecution", HERE("states", "execution:flow:*")),
        "",
    ),
    (ABAC, allow("dynamodb:PutItem", HERE("dynamodb", "table/${aws:PrincipalTag/team}")), ""),
    (ABAC, allow("s3:GetObject", "arn:aws:s3:::*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}}), ""),
    (  # the IDs of new resources are not known
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances",
        allow("ec2:RunInstances", [HERE("ec2", "instance/*"), HERE("ec2", "volume/*"), HERE("ec2", "subnet/subnet-1")]),
        "workload-role-cannot-delete-infrastructure",
    ),
    (
        "https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples.html",
        allow("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*"),
        "",
    ),
]


@cases(TYPES, role_has_no_resource_type_wildcard)
def test_resource_type_wildcards(policy: Any, ids: str) -> None:
    """A pattern that matches all resources of a type fails."""
    check(policy, ids)


WRITING: list[Case] = [
    # "log-group:LOG_GROUP_NAME:*" for all actions on streams
    (f"{LOGS}/iam-access-control-overview-cwl.html", allow(WRITE, "arn:aws:logs:*:*:*"), EVERY_LOG),
    (f"{LOGS}/iam-access-control-overview-cwl.html", allow("logs:PutLogEvents", HERE("logs", "*")), EVERY_LOG),
    (f"{LOGS}/iam-access-control-overview-cwl.html", allow(WRITE, [STREAMS, "arn:aws:logs:*:*:*"]), EVERY_LOG),
    (f"{LOGS}/iam-access-control-overview-cwl.html", allow(WRITE, STREAMS), ""),
    (f"{LOGS}/iam-access-control-overview-cwl.html", allow(WRITE, HERE("logs", "log-group:/aws/lambda/*:*")), ""),
    # the program declares the log group of the function
    (OWN_GROUP, allow("logs:CreateLogGroup", STREAMS), CREATES),
    (OWN_GROUP, allow("logs:CreateLogGroup", HERE("logs", "*")), CREATES),
    (OWN_GROUP, allow(["logs:CreateLogGroup", *WRITE], STREAMS), CREATES),
    (OWN_GROUP, allow("logs:CreateLogGroup", HERE("logs", "log-group:other:*")), ""),
    (
        OWN_GROUP,
        allow(["logs:CreateLogGroup", *WRITE], "arn:aws:logs:*:*:*"),
        f"{CREATES} {EVERY_LOG}",
    ),
]


@cases(WRITING, role_writes_to_named_log_groups, role_does_not_create_log_groups_of_the_stack)
def test_log_groups(policy: Any, ids: str) -> None:
    """A workload writes to its own log group, which the program creates."""
    check(policy, ids)


def test_messages_name_the_type_and_the_actions() -> None:
    """Each pattern is a finding with the actions that apply to its type."""
    policy = allow(["dynamodb:PutItem", "sqs:SendMessage"], [QUEUE, HERE("dynamodb", "table/*"), HERE("sqs", "*")])
    found = judgements(role_has_no_resource_type_wildcard, stack_of(policy))["held"].findings
    assert [(finding.message, finding.path) for finding in found] == [
        ("allows dynamodb:PutItem on every table", "policy.Statement[0].Resource[1]"),
        ("allows sqs:SendMessage on every queue", "policy.Statement[0].Resource[2]"),
    ]


def test_unknown_resources() -> None:
    """An unknown resource makes the verdict undecided, unless a known one fails."""
    named = document(allow("sqs:SendMessage", [QUEUE, Unknown("policy")]))
    wide = document(allow("sqs:SendMessage", [HERE("sqs", "*"), Unknown("policy")]))
    stacks = [Stack([resource(ROLE_POLICY, {"policy": policy})]) for policy in (named, wide)]
    assert judge(role_has_no_resource_type_wildcard, stacks[0]) == UNDECIDED
    assert messages(role_has_no_resource_type_wildcard, stacks[1]) == ["allows sqs:SendMessage on every queue"]
