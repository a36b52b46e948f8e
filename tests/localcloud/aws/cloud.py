"""A running local AWS for tests, and helpers that create resources in it."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import subprocess
import time
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from localcloud.checkout import PYTHON, REGION, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NUMBERS = itertools.count(1)
MODEL_IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:1"


@dataclass
class Cloud:
    """The running local AWS, accessed with the account owner's credentials."""

    url: str
    local_dir: Path
    _clients: dict[str, Any] = field(default_factory=dict)

    def __call__(self, service: str) -> Any:
        """Return a client."""
        if service not in self._clients:
            self._clients[service] = self.client(service, key="test", secret="test")
        return self._clients[service]

    def client(self, service: str, *, key: str, secret: str, token: str | None = None, **options: Any) -> Any:
        """Return a client with these credentials."""
        make: Any = boto3.client  # its type lists 400 services by name
        return make(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, **options),
        )

    def as_role(self, role: str, service: str) -> Any:
        """Return a client with the credentials of an assumed role."""
        got = self("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return self.client(service, key=got["AccessKeyId"], secret=got["SecretAccessKey"], token=got["SessionToken"])

    def control(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Call the control API of the local AWS."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_localcloud/{path}", data=data, method=method)  # noqa: S310 - loopback
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def role(self, *statements: dict[str, Any], service: str = "lambda.amazonaws.com") -> str:
        """Create a role that a service (and the account's owner) may assume, and return its ARN."""
        name = unique("role")
        trusted = [{"Service": service}, {"AWS": "arn:aws:iam::123456789012:root"}]
        trust = [{"Effect": "Allow", "Principal": one, "Action": "sts:AssumeRole"} for one in trusted]
        created = self("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(*trust))
        if statements:
            self.grant(created["Role"]["Arn"], *statements)
        return str(created["Role"]["Arn"])

    def grant(self, role: str, *statements: dict[str, Any], name: str = "inline") -> None:
        """Replace a role's inline policy; without statements, delete it."""
        if not statements:
            with contextlib.suppress(self("iam").exceptions.NoSuchEntityException):
                self("iam").delete_role_policy(RoleName=role.rpartition("/")[2], PolicyName=name)
            return
        self("iam").put_role_policy(
            RoleName=role.rpartition("/")[2], PolicyName=name, PolicyDocument=document(*statements)
        )

    def table(self, **options: Any) -> str:
        """Create a table keyed by `id` and return its name."""
        name = unique("table")
        self("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **options,
        )
        return name

    def queue(self, **attributes: str) -> tuple[str, str]:
        """Create a queue and return its URL and ARN."""
        url = self("sqs").create_queue(QueueName=unique("queue"), Attributes=attributes)["QueueUrl"]
        found = self("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(url), str(found["Attributes"]["QueueArn"])

    def endpoint(self) -> str:
        """Create a model behind an endpoint, wait until it is in service, and return the endpoint's name."""
        name, client = unique("endpoint"), self("sagemaker")
        role = self.role(service="sagemaker.amazonaws.com")
        client.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": MODEL_IMAGE})
        variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        client.create_endpoint(EndpointName=name, EndpointConfigName=name)
        eventually(lambda: client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
        return name

    def function(self, code: str, role: str, **options: Any) -> str:
        """Create a Python function whose handler is `handler.handle`, wait until it is active, return its name."""
        name, client = unique("function"), self("lambda")
        settings = {"Runtime": "python3.13", "Handler": "handler.handle", "Timeout": 10} | options
        client.create_function(FunctionName=name, Role=role, Code={"ZipFile": archive(code)}, **settings)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
        return name

    def invoke(self, name: str, event: object = None) -> tuple[Any, str | None]:
        """Invoke a function; return its response and, if it failed, the kind of function error."""
        got = self("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        return json.loads(got["Payload"].read()), got.get("FunctionError")

    def depth(self, url: str) -> tuple[int, int]:
        """Return the number of visible and of in-flight messages of a queue."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def send(self, url: str, *bodies: str) -> None:
        """Send messages, ten at a time."""
        for first in range(0, len(bodies), 10):
            entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[first : first + 10])]
            assert not self("sqs").send_message_batch(QueueUrl=url, Entries=entries).get("Failed")

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return all items of a table."""
        pages = self("dynamodb").get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]


def unique(what: str) -> str:
    """Return a name that no other test uses."""
    return f"{what}-{os.getpid()}-{next(NUMBERS)}"


def document(*statements: dict[str, Any]) -> str:
    """Return an IAM document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: str | list[str], resources: str | list[str], **rest: Any) -> dict[str, Any]:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **rest}


def archive(code: str, **files: str) -> bytes:
    """Return a deployment archive with `handler.py` and other modules."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("handler.py", code)
        for name, text in files.items():
            out.writestr(f"{name}.py", text)
    return buffer.getvalue()


def eventually(holds: Callable[[], object], seconds: float = 20.0) -> Any:
    """Wait until something holds and return it; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)
    return found


def command(local_dir: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m localcloud.aws` with state in a folder of its own and further environment variables."""
    environment = {"PATH": os.environ["PATH"], "POLICYPACK_LOCAL_DIR": str(local_dir), **more}
    return subprocess.run(
        [str(PYTHON), "-m", "localcloud.aws", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
