"""A function may do what its role grants, on the resources it grants it on, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.calling_function import ACCOUNT, CallingFunction
from tests.localcloud.aws.cloud import allow, document, unique

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localcloud.aws.cloud import Cloud


def test_a_table(cloud: Cloud, actor: CallingFunction) -> None:
    """PutItem on its own table only."""
    mine, other = cloud.table(), cloud.table()
    item = {"id": {"S": "1"}}
    actor.grant()
    assert actor.call("dynamodb", "put_item", TableName=mine, Item=item) == "AccessDeniedException"
    actor.grant(allow("dynamodb:PutItem", ACCOUNT.format("dynamodb", f"table/{mine}")))
    assert actor.call("dynamodb", "put_item", TableName=mine, Item=item) == "allowed"
    assert actor.call("dynamodb", "put_item", TableName=other, Item=item) == "AccessDeniedException"
    assert actor.call("dynamodb", "scan", TableName=mine) == "AccessDeniedException"
    transaction = [{"Put": {"TableName": mine, "Item": item}}, {"Put": {"TableName": other, "Item": item}}]
    assert actor.call("dynamodb", "transact_write_items", TransactItems=transaction) == "AccessDeniedException"
    assert actor.call("dynamodb", "transact_write_items", TransactItems=transaction[:1]) == "allowed"
    batch = {mine: [{"PutRequest": {"Item": item}}]}
    assert actor.call("dynamodb", "batch_write_item", RequestItems=batch) == "AccessDeniedException"
    assert cloud.items(other) == []


def test_an_endpoint(cloud: Cloud, actor: CallingFunction) -> None:
    """InvokeEndpoint on its own endpoint only."""
    mine, other = cloud.endpoint(), cloud.endpoint()

    def invoke(name: str) -> str:
        return actor.call(
            "sagemaker-runtime", "invoke_endpoint", EndpointName=name, ContentType="text/csv", Body="1,2,3,4"
        )

    actor.grant()
    assert invoke(mine) == "AccessDeniedException"
    actor.grant(allow("sagemaker:InvokeEndpoint", ACCOUNT.format("sagemaker", f"endpoint/{mine}")))
    assert invoke(mine) == "allowed"
    assert invoke(other) == "AccessDeniedException"
    assert actor.call("sagemaker", "describe_endpoint", EndpointName=mine) == "AccessDeniedException"
    denied = allow("sagemaker:InvokeEndpoint", "*") | {"Effect": "Deny"}
    actor.grant(allow("sagemaker:*", "*"), denied)
    assert invoke(mine) == "AccessDeniedException"
    assert actor.call("sagemaker", "describe_endpoint", EndpointName=mine) == "allowed"


def test_queue_bucket_topic_log(cloud: Cloud, actor: CallingFunction) -> None:
    """One resource of each, next to one that is not granted."""
    (mine, arn), (other, _) = cloud.queue(), cloud.queue()
    bucket, group = unique("bucket"), unique("group")
    cloud("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    topic = cloud("sns").create_topic(Name=unique("topic"))["TopicArn"]
    cloud("logs").create_log_group(logGroupName=group)
    actor.grant(
        allow("sqs:SendMessage", arn),
        allow("s3:PutObject", f"arn:aws:s3:::{bucket}/in/*"),
        allow("sns:Publish", topic),
        allow("logs:CreateLogStream", ACCOUNT.format("logs", f"log-group:{group}:*")),
        allow("cloudwatch:PutMetricData", "*", Condition={"StringEquals": {"cloudwatch:namespace": "Mine"}}),
    )
    assert actor.call("sqs", "send_message", QueueUrl=mine, MessageBody="x") == "allowed"
    assert actor.call("sqs", "send_message", QueueUrl=other, MessageBody="x") == "AccessDenied"
    assert actor.call("sqs", "receive_message", QueueUrl=mine) == "AccessDenied"
    assert actor.call("s3", "put_object", Bucket=bucket, Key="in/a", Body="x") == "allowed"
    assert actor.call("s3", "put_object", Bucket=bucket, Key="out/a", Body="x") == "AccessDenied"
    assert actor.call("s3", "get_object", Bucket=bucket, Key="in/a") == "AccessDenied"
    assert actor.call("sns", "publish", TopicArn=topic, Message="x") == "allowed"
    assert actor.call("sns", "publish", TopicArn=topic + "2", Message="x") == "AuthorizationError"
    stream = {"logStreamName": "a"}
    assert actor.call("logs", "create_log_stream", logGroupName=group, **stream) == "allowed"
    assert actor.call("logs", "create_log_stream", logGroupName=group + "2", **stream) == "AccessDeniedException"
    metric = [{"MetricName": "m", "Value": 1}]
    assert actor.call("cloudwatch", "put_metric_data", Namespace="Mine", MetricData=metric) == "allowed"
    assert actor.call("cloudwatch", "put_metric_data", Namespace="Other", MetricData=metric) == "AccessDeniedException"


def test_traces(actor: CallingFunction) -> None:
    """X-Ray's actions take `*`."""
    segments = {"TraceSegmentDocuments": ["{}"]}
    actor.grant()
    assert actor.call("xray", "put_trace_segments", **segments) == "AccessDeniedException"
    actor.grant(allow("xray:PutTraceSegments", "*"))
    assert actor.call("xray", "put_trace_segments", **segments) == "allowed"


LEADING: list[tuple[str, Callable[[str], dict[str, Any]]]] = [
    ("get_item", lambda key: {"Key": {"id": {"S": key}}}),
    ("put_item", lambda key: {"Item": {"id": {"S": key}}}),
    (
        "query",
        lambda key: {
            "KeyConditionExpression": "#k = :k",
            "ExpressionAttributeNames": {"#k": "id"},
            "ExpressionAttributeValues": {":k": {"S": key}},
        },
    ),
]


@pytest.mark.parametrize(("operation", "parameters"), LEADING)
def test_rows_of_its_own(
    cloud: Cloud, actor: CallingFunction, operation: str, parameters: Callable[[str], dict[str, Any]]
) -> None:
    """A condition on the leading key."""
    table = cloud.table()
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["mine-*"]}}
    actor.grant(allow("dynamodb:*", ACCOUNT.format("dynamodb", f"table/{table}"), Condition=condition))
    assert actor.call("dynamodb", operation, TableName=table, **parameters("mine-1")) == "allowed"
    assert actor.call("dynamodb", operation, TableName=table, **parameters("yours-1")) == "AccessDeniedException"


def test_a_boundary_limits(cloud: Cloud, actor: CallingFunction) -> None:
    """A grant beyond the role's permissions boundary is none."""
    name, table = actor.role.rpartition("/")[2], cloud.table()
    limit = cloud("iam").create_policy(PolicyName=unique("limit"), PolicyDocument=document(allow("sqs:*", "*")))
    cloud("iam").put_role_permissions_boundary(RoleName=name, PermissionsBoundary=limit["Policy"]["Arn"])
    actor.grant(allow("dynamodb:*", "*"))
    assert actor.call("dynamodb", "scan", TableName=table) == "AccessDeniedException"
    cloud("iam").delete_role_permissions_boundary(RoleName=name)
    assert actor.call("dynamodb", "scan", TableName=table) == "allowed"


def test_managed_policies_count(cloud: Cloud, actor: CallingFunction) -> None:
    """An attached policy grants from the moment it is attached, in its current version."""
    iam, name, table = cloud("iam"), actor.role.rpartition("/")[2], cloud.table()
    arn = ACCOUNT.format("dynamodb", f"table/{table}")
    actor.grant()
    policy = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=document(allow("dynamodb:Scan", arn)))
    iam.attach_role_policy(RoleName=name, PolicyArn=policy["Policy"]["Arn"])
    assert actor.call("dynamodb", "scan", TableName=table) == "allowed"
    iam.create_policy_version(
        PolicyArn=policy["Policy"]["Arn"], PolicyDocument=document(allow("dynamodb:Query", arn)), SetAsDefault=True
    )
    assert actor.call("dynamodb", "scan", TableName=table) == "AccessDeniedException"
    iam.detach_role_policy(RoleName=name, PolicyArn=policy["Policy"]["Arn"])


def test_policy_variables(cloud: Cloud) -> None:
    """`${aws:PrincipalTag/...}` in a resource is the role's own tag."""
    table, role = cloud.table(), cloud.role()
    cloud("iam").tag_role(RoleName=role.rpartition("/")[2], Tags=[{"Key": "table", "Value": table}])
    cloud.grant(role, allow("dynamodb:Scan", ACCOUNT.format("dynamodb", "table/${aws:PrincipalTag/table}")))
    dynamodb = cloud.as_role(role, "dynamodb")
    assert dynamodb.scan(TableName=table)["Items"] == []
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.scan(TableName=cloud.table())


def test_a_stolen_key_needs_its_secret(cloud: Cloud) -> None:
    """Signatures of role sessions are verified, for the services of either emulator and ours."""
    role = cloud.role(allow("*", "*"))
    got = cloud("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    for service, operation in (("dynamodb", "list_tables"), ("ec2", "describe_vpcs"), ("sagemaker", "list_models")):
        right = cloud.client(service, key=got["AccessKeyId"], secret=got["SecretAccessKey"], token=got["SessionToken"])
        getattr(right, operation)()
        wrong = cloud.client(service, key=got["AccessKeyId"], secret="guessed", token=got["SessionToken"])
        with pytest.raises(ClientError, match=r"SignatureDoesNotMatch|InvalidSignature|AuthFailure"):
            getattr(wrong, operation)()


def test_an_assumed_role_is_trusted_for(cloud: Cloud) -> None:
    """AssumeRole asks the trust policy."""
    role = cloud("iam").create_role(
        RoleName=unique("role"),
        AssumeRolePolicyDocument=document(
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ),
    )["Role"]["Arn"]
    stranger = cloud.role(allow("sts:AssumeRole", "*"))
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.as_role(stranger, "sts").assume_role(RoleArn=role, RoleSessionName="test")
    identity = cloud.as_role(stranger, "sts").get_caller_identity()
    assert json.dumps(identity["Arn"]).startswith('"arn:aws:sts::123456789012:assumed-role/')
