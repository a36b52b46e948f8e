"""Functions, versions, aliases and permissions keep what they were told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import allow, archive, eventually, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

ECHO = "def handle(event, context): return event"


def test_a_function_is_read_back(cloud: Cloud) -> None:
    """Every setting a worker has; then a changed one, with all others as they were."""
    group = f"/aws/lambda/{unique('group')}"
    cloud("logs").create_log_group(logGroupName=group)
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    wanted: dict[str, Any] = {
        "Architectures": ["arm64"],
        "Description": "a worker",
        "Environment": {"Variables": {"TABLE": "results"}},
        "EphemeralStorage": {"Size": 1024},
        "KMSKeyArn": key,
        "LoggingConfig": {
            "LogFormat": "JSON",
            "LogGroup": group,
            "ApplicationLogLevel": "INFO",
            "SystemLogLevel": "WARN",
        },
        "MemorySize": 512,
        "Runtime": "python3.13",
        "Timeout": 30,
        "TracingConfig": {"Mode": "Active"},
    }
    role, client = cloud.role(), cloud("lambda")
    name = cloud.function(ECHO, role, Publish=True, Tags={"owner": "me"}, **wanted)
    found = client.get_function(FunctionName=name)
    assert wanted.items() <= found["Configuration"].items()
    assert found["Configuration"]["Role"] == role
    assert found["Tags"] == {"owner": "me"}
    client.update_function_configuration(FunctionName=name, Timeout=20)
    eventually(lambda: client.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful")
    assert {**wanted, "Timeout": 20}.items() <= client.get_function_configuration(FunctionName=name).items()
    assert client.get_function_configuration(FunctionName=name, Qualifier="1")["Timeout"] == 30
    arn = found["Configuration"]["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"stage": "dev"})
    client.untag_resource(Resource=arn, TagKeys=["owner"])
    assert client.list_tags(Resource=arn)["Tags"] == {"stage": "dev"}
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    assert client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 5
    client.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName=name)
    client.delete_function(FunctionName=name)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_function(FunctionName=name)


def test_an_alias_moves_from_version_to_version(cloud: Cloud) -> None:
    """Code that was published stays; the alias says which one runs; the same code twice is the same digest."""
    client = cloud("lambda")
    name = cloud.function("def handle(event, context): return 1", cloud.role(), Publish=True)
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1", Description="what runs")
    assert alias["AliasArn"].endswith(f":function:{name}:live")
    second = archive("def handle(event, context): return 2")
    digest = client.update_function_code(FunctionName=name, ZipFile=second, Publish=True)["CodeSha256"]
    eventually(lambda: client.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful")
    assert client.update_function_code(FunctionName=name, ZipFile=second)["CodeSha256"] == digest

    def runs(qualifier: str) -> Any:
        return json.loads(client.invoke(FunctionName=name, Qualifier=qualifier)["Payload"].read())

    assert (runs("live"), runs("1"), runs("2"), runs("$LATEST")) == (1, 1, 2, 2)
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    assert runs("live") == 2
    assert client.get_alias(FunctionName=name, Name="live")["Description"] == "what runs"
    client.delete_alias(FunctionName=name, Name="live")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_alias(FunctionName=name, Name="live")


def test_permissions_are_added_and_removed(cloud: Cloud) -> None:
    """For a service, limited to a source."""
    client, name = cloud("lambda"), cloud.function(ECHO, cloud.role())
    client.add_permission(
        FunctionName=name,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn="arn:aws:events:eu-west-1:123456789012:rule/orders",
        SourceAccount="123456789012",
    )
    statement = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    assert (statement["Sid"], statement["Principal"]) == ("events", {"Service": "events.amazonaws.com"})
    client.remove_permission(FunctionName=name, StatementId="events")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_policy(FunctionName=name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Timeout": 901}, "less than or equal to 900"),
        ({"MemorySize": 10_241}, "less than or equal to 10240"),
        ({"Runtime": "python9.9"}, "enum value set"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "reserved keys"),
        ({"Environment": {"Variables": {"A": "x" * 5000}}}, "4KB limit"),
        ({"Role": "arn:aws:iam::123456789012:role/nobody"}, "cannot be assumed by Lambda"),
        ({"Role": "arn:aws:iam::111111111111:role/nobody"}, "cannot be assumed by Lambda"),
    ],
)
def test_what_lambda_refuses(cloud: Cloud, change: dict[str, Any], message: str) -> None:
    """At creation and at an update alike."""
    role = cloud.role()
    with pytest.raises(ClientError, match=message):
        cloud("lambda").create_function(
            **{
                "FunctionName": unique("function"),
                "Role": role,
                "Runtime": "python3.13",
                "Handler": "handler.handle",
                "Code": {"ZipFile": archive(ECHO)},
                **change,
            }
        )
    name = cloud.function(ECHO, role)
    with pytest.raises(ClientError, match=message):
        cloud("lambda").update_function_configuration(FunctionName=name, **change)


def test_code_has_to_be_there(cloud: Cloud) -> None:
    """In the bucket that is named, and with a handler."""
    wanted = {"FunctionName": unique("function"), "Role": cloud.role(), "Runtime": "python3.13"}
    missing = {"S3Bucket": "no-such-bucket", "S3Key": "code.zip"}
    with pytest.raises(ClientError, match="NoSuchKey"):
        cloud("lambda").create_function(**wanted, Handler="handler.handle", Code=missing)
    with pytest.raises(ClientError, match="Runtime and Handler are mandatory"):
        cloud("lambda").create_function(**wanted, Code={"ZipFile": archive(ECHO)})


def test_code_from_a_bucket(cloud: Cloud) -> None:
    """Runs like any other."""
    bucket, name = unique("code"), unique("function")
    cloud("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    cloud("s3").put_object(Bucket=bucket, Key="code.zip", Body=archive(ECHO))
    cloud("lambda").create_function(
        FunctionName=name,
        Role=cloud.role(),
        Runtime="python3.13",
        Handler="handler.handle",
        Code={"S3Bucket": bucket, "S3Key": "code.zip"},
    )
    assert cloud.invoke(name, "hello") == ("hello", None)


def test_a_role_of_another_service_is_refused(cloud: Cloud) -> None:
    """Lambda has to be able to assume it; a condition in its trust counts."""
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        cloud.function(ECHO, cloud.role(service="sagemaker.amazonaws.com"))


def test_a_function_in_a_network(cloud: Cloud) -> None:
    """Its role has to be allowed to make interfaces there; the network is told."""
    ec2, may = cloud("ec2"), ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=unique("group"), Description="x", VpcId=vpc)["GroupId"]
    place = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    role = cloud.role(allow(may, "*"))
    with pytest.raises(ClientError, match="permissions to call DescribeNetworkInterfaces on EC2"):
        cloud.function(ECHO, role, VpcConfig=place)
    cloud.grant(role, allow([*may, "ec2:DescribeNetworkInterfaces"], "*"))
    with pytest.raises(ClientError, match=r"InvalidSubnetID\.NotFound"):
        cloud.function(ECHO, role, VpcConfig=place | {"SubnetIds": ["subnet-none"]})
    name = cloud.function(ECHO, role, VpcConfig=place)
    found = cloud("lambda").get_function_configuration(FunctionName=name)["VpcConfig"]
    assert {key: found[key] for key in (*place, "VpcId")} == place | {"VpcId": vpc}
