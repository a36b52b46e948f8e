"""A fake SageMaker runtime over real HTTP, and moto's server for the other services."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from localcloud.checkout import AWS_PYTHON
from tests.lambda_src.worker.store_fixtures import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-west-1"


class FakeRuntime:
    """Responds to InvokeEndpoint with `answer(request body)`, and records the requests."""

    def __init__(self) -> None:
        self.answer: Callable[[str], str | bytes] = lambda body: "\n".join("0.5" for _ in body.splitlines())
        self.status, self.error = 200, "ModelError"
        self.hang_up = False
        self.response_gate = threading.Event()
        self.response_gate.set()
        self.requests: list[tuple[str, str, str]] = []
        self.headers: list[dict[str, str]] = []
        runtime = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                runtime.requests.append((self.path, self.headers["Content-Type"], body))
                runtime.headers.append({name.lower(): value for name, value in self.headers.items()})
                runtime.response_gate.wait()
                answer = runtime.answer(body) if runtime.status < 400 else '{"Message": "what went wrong"}'
                data = answer if isinstance(answer, bytes) else answer.encode()
                self.send_response(runtime.status)
                if runtime.status != 200:
                    self.send_header("x-amzn-ErrorType", runtime.error)
                self.send_header("Content-Length", str(len(data) + (100 if runtime.hang_up else 0)))
                self.end_headers()
                self.wfile.write(data)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's naming
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Release waiting requests, and stop."""
        self.response_gate.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def runtime() -> Iterator[FakeRuntime]:
    """A fake SageMaker runtime for one test."""
    server = FakeRuntime()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cloud() -> Iterator[str]:
    """DynamoDB, SQS and S3 over HTTP: the URL of moto's server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [AWS_PYTHON, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not _listens(port):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fake credentials: no test may use the developer's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


@pytest.fixture
def clock() -> Clock:
    """Give a clock that tests advance by hand."""
    return Clock()


@pytest.fixture
def client() -> Iterator[DynamoDBClient]:
    """A DynamoDB client with both tables, empty."""
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        for table in ("results", "claims"):
            dynamodb.create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        yield dynamodb
