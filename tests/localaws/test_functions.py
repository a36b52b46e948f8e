"""Functions, versions, aliases and permissions keep what they were told; handlers run as on Lambda."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.cloud import allow, archive, eventually, unique

if TYPE_CHECKING:
    from tests.localaws.cloud import Cloud

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


def test_what_a_handler_sees(cloud: Cloud) -> None:
    """Its variables, Lambda's own, its context, its module's neighbours, boto3, and nothing of the server's."""
    code = """
import os, sys, boto3, neighbour
CALLS = []
def handle(event, context):
    CALLS.append(event)
    try:
        import moto
        found = "moto"
    except ImportError:
        found = "nothing"
    return {
        "calls": len(CALLS), "own": os.environ["OWN"], "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "key": os.environ["AWS_ACCESS_KEY_ID"][:4], "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis(),
        "neighbour": neighbour.WORD, "found": found, "event": event, "stdin": sys.stdin.read(),
        "secrets": sorted(name for name in os.environ if name.startswith(("MINISTACK", "POLICYPACK"))),
    }
"""
    client, name = cloud("lambda"), unique("function")
    client.create_function(
        FunctionName=name,
        Role=cloud.role(),
        Runtime="python3.13",
        Handler="handler.handle",
        Timeout=10,
        Code={"ZipFile": archive(code, neighbour="WORD = 'hello'")},
        Environment={"Variables": {"OWN": "mine"}},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
    assert cloud.invoke(name, {"n": 1})[0]["calls"] == 1
    answer, error = cloud.invoke(name, ["ü", None])
    assert error is None
    assert 0 < answer.pop("left") <= 10_000
    assert answer == {
        "calls": 2,
        "own": "mine",
        "name": name,
        "key": "ASIA",
        "arn": f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
        "memory": "128",
        "neighbour": "hello",
        "found": "nothing",
        "event": ["ü", None],
        "stdin": "",
        "secrets": [],
    }


ERRORS = """
import os, time
CALLS = []
def handle(event, context):
    CALLS.append(event)
    if event == "raise": raise ValueError("no such item")
    if event == "exit": os._exit(3)
    if event == "sleep": time.sleep(30)
    if event == "set": return {1, 2}
    return len(CALLS)
"""


@pytest.mark.parametrize(
    ("event", "kind", "message", "calls_after"),
    [
        ("raise", "ValueError", "no such item", 2),  # the process stays
        ("set", "Runtime.MarshalError", "Unable to marshal response", 2),
        ("exit", "Runtime.ExitError", "exit status 3", 1),  # a new process
        ("sleep", "Sandbox.Timedout", "Task timed out after 1.00 seconds", 1),
    ],
)
def test_what_becomes_of_errors(cloud: Cloud, event: str, kind: str, message: str, calls_after: int) -> None:
    """The error is told as Lambda tells it, and the next invocation works."""
    name = cloud.function(ERRORS, cloud.role(), Timeout=1)
    answer, error = cloud.invoke(name, event)
    assert (error, answer["errorType"]) == ("Unhandled", kind)
    assert message in answer["errorMessage"]
    assert cloud.invoke(name, "count") == (calls_after, None)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import no_such_module", "Runtime.ImportModuleError"),
        ("other = 1", "AttributeError"),
        ("raise SystemExit(1)", "Runtime.ExitError"),
    ],
)
def test_a_function_that_does_not_load(cloud: Cloud, code: str, kind: str) -> None:
    """It fails when it is invoked."""
    answer, error = cloud.invoke(cloud.function(code, cloud.role()))
    assert (error, answer["errorType"]) == ("Unhandled", kind)


def test_its_log_goes_where_its_role_lets_it(cloud: Cloud) -> None:
    """One stream per process, with Lambda's own lines around the handler's; nothing without the permission."""
    code = """
import logging
logging.getLogger().setLevel("INFO")
def handle(event, context):
    print("printed")
    logging.getLogger(__name__).info("logged %s", event)
"""
    role = cloud.role()
    name = cloud.function(code, role)
    group, logs = f"/aws/lambda/{name}", cloud("logs")
    logs.create_log_group(logGroupName=group)
    cloud.invoke(name, 1)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []
    target = f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}:*"
    cloud.grant(role, allow(["logs:CreateLogStream", "logs:PutLogEvents"], target))
    cloud.invoke(name, 2)
    cloud.invoke(name, 3)
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert len(streams) == 1
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    heads = [line.split()[0] for line in lines]
    assert heads == ["START", "printed", "[INFO]", "END", "REPORT"] * 2
    assert lines[2].endswith("\tlogged 2")
    tail = cloud("lambda").invoke(FunctionName=name, Payload=b"4", LogType="Tail")["LogResult"]
    assert "printed" in base64.b64decode(tail).decode()


def test_a_json_log(cloud: Cloud) -> None:
    """Every line is an object, the request's id on the handler's."""
    code = "import logging\ndef handle(event, context): logging.getLogger('shop').warning('late')"
    group = f"/custom/{unique('group')}"
    cloud("logs").create_log_group(logGroupName=group)
    role = cloud.role(allow("logs:*", f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}:*"))
    name = cloud.function(code, role, LoggingConfig={"LogFormat": "JSON", "LogGroup": group})
    cloud.invoke(name)
    lines = [json.loads(one["message"]) for one in cloud("logs").filter_log_events(logGroupName=group)["events"]]
    assert [line.get("type") for line in lines] == ["platform.start", None, "platform.report"]
    assert (lines[1]["level"], lines[1]["message"], lines[1]["logger"]) == ("WARNING", "late", "shop")
    assert lines[1]["requestId"] == lines[0]["record"]["requestId"]


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


def test_reserved_concurrency_counts_for_versions(cloud: Cloud) -> None:
    """Zero stops a published version as well."""
    name = cloud.function(ECHO, cloud.role(), Publish=True)
    cloud("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        cloud("lambda").invoke(FunctionName=name, Qualifier="1")
