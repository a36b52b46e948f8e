"""Handlers run as on Lambda: what they see, what becomes of their errors and their logs."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from localcloud.interpreters import interpreter
from tests.localcloud.aws.cloud import allow, archive, unique

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localcloud.aws.cloud import Cloud

ECHO = "def handle(event, context): return event"


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


COMPILE = """
import py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
print(py_compile.compile(sys.argv[1], doraise=True, invalidation_mode=mode))
"""


def test_a_function_runs_on_its_own_python_by_the_byte_code_it_brings(cloud: Cloud, tmp_path: Path) -> None:
    """Where there is such a Python; and the byte code even where the source beside it says something else."""
    runtime = next(each for each in ("python3.13", "python3.12", "python3.11") if interpreter(each))
    source = tmp_path / "handler.py"
    source.write_text("import sys\ndef handle(event, context): return ['compiled', list(sys.version_info[:2])]\n")
    made = subprocess.run(
        [str(interpreter(runtime)), "-c", COMPILE, str(source)], capture_output=True, text=True, check=True
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("handler.py", ECHO)
        out.write(made.stdout.strip(), f"__pycache__/{made.stdout.strip().rpartition('/')[2]}")
    client, name = cloud("lambda"), unique("function")
    wanted = {"Runtime": runtime, "Handler": "handler.handle", "Code": {"ZipFile": buffer.getvalue()}}
    client.create_function(FunctionName=name, Role=cloud.role(), **wanted)
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
    version = [int(part) for part in runtime.removeprefix("python").split(".")]
    assert cloud.invoke(name) == (["compiled", version], None)


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


def test_reserved_concurrency_counts_for_versions(cloud: Cloud) -> None:
    """Zero stops a published version as well."""
    name = cloud.function(ECHO, cloud.role(), Publish=True)
    cloud("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        cloud("lambda").invoke(FunctionName=name, Qualifier="1")
