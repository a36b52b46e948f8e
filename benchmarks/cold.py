"""A cold start of the worker against one of a handler that makes the same two clients and does nothing with them."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.request import urlopen
from uuid import uuid4

from benchmarks.measure import Cost
from localcloud.checkout import REGION, ROOT
from localcloud.interpreters import interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.cloud import Cloud

WORKER, LEAST = "the worker", "two clients"
ITEMS: Final = 10
_BOOTSTRAP: Final = ROOT / "localcloud" / "aws" / "functions" / "bootstrap.py"
_LEAST: Final = """
from botocore.session import get_session

session = get_session()
clients = [session.create_client(service) for service in ("sagemaker-runtime", "dynamodb")]

def handle(event, context):
    return {"batchItemFailures": []}
"""


@dataclass
class Starts:
    """Starts handlers as the local AWS does, in processes of their own, with the code of a deployed worker."""

    cloud: Cloud
    outputs: dict[str, str]
    folder: Path

    def __post_init__(self) -> None:
        function = self.cloud.client("lambda").get_function(
            FunctionName=self.outputs["function_name"], Qualifier="live"
        )
        self._config = function["Configuration"]
        self.python = interpreter(self._config["Runtime"]) or sys.executable
        self.code = {name: self.folder / name.replace(" ", "-") for name in (WORKER, LEAST)}
        with urlopen(function["Code"]["Location"], timeout=30) as archive:  # noqa: S310 - of the local AWS
            zipfile.ZipFile(io.BytesIO(archive.read())).extractall(self.code[WORKER])
        self.code[LEAST].mkdir()
        (self.code[LEAST] / f"{self._config['Handler'].partition('.')[0]}.py").write_text(_LEAST)
        self.deployed = self._files()
        for name in self.code:
            self.answered(name)  # byte code of the libraries, and of what brings none

    @property
    def written(self) -> set[str]:
        """The files that were not deployed: Python compiled something."""
        return self._files() - self.deployed

    def measured(self, rounds: int) -> dict[str, list[Cost]]:
        """Start both in turn."""
        costs: dict[str, list[Cost]] = {name: [] for name in self.code}
        for number in range(rounds):
            for name in list(self.code)[:: 1 if number % 2 else -1]:
                costs[name].append(self.answered(name))
        return costs

    def answered(self, name: str) -> Cost:
        """Start one, and wait for its answer to a batch of items. Raises RuntimeError for any but the right one."""
        ours, theirs = os.pipe()
        code, libraries = self.code[name], self.cloud.folder / "aws" / "tmp" / "runtime"
        began = time.perf_counter()
        with (
            os.fdopen(ours, "rb") as replies,
            subprocess.Popen(
                [self.python, "-S", _BOOTSTRAP, str(theirs), str(os.getpid()), libraries, ""],
                cwd=code,
                env=self._environment(code),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs,),
            ) as process,
        ):
            os.close(theirs)
            answers = [_reply(replies)]
            if process.stdin and answers[0] == {"init": None}:
                process.stdin.write(_frame(self._event()))
                process.stdin.flush()
                answers.append(_reply(replies))
            wall = time.perf_counter() - began
            process.kill()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if answers[1:] != [{"result": '{"batchItemFailures": []}'}]:
            raise RuntimeError(f"{name} answers {answers[-1]}")
        return Cost(wall, usage.ru_utime + usage.ru_stime)

    def _environment(self, code: Path) -> dict[str, str]:
        config, logging = self._config, self._config["LoggingConfig"]
        return {
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "_HANDLER": config["Handler"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.cloud.server['port']}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config["MemorySize"]),
            "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
            "AWS_LAMBDA_FUNCTION_VERSION": config["Version"],
            "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"],
            "AWS_LAMBDA_LOG_GROUP_NAME": logging["LogGroup"],
            "AWS_LAMBDA_LOG_LEVEL": logging["ApplicationLogLevel"],
            "AWS_LAMBDA_LOG_STREAM_NAME": "cold",
            "LAMBDA_TASK_ROOT": str(code),
            **config["Environment"]["Variables"],
        }

    def _event(self) -> dict[str, Any]:
        bodies = [json.dumps({"id": uuid4().hex, "features": [0.1, 0.2, 0.3, 0.4]}) for _ in range(ITEMS)]
        queue = self.outputs["queue_arn"]
        return {
            "Records": [{"messageId": str(at), "body": body, "eventSourceARN": queue} for at, body in enumerate(bodies)]
        }

    def _files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.code[WORKER].rglob("*") if path.is_file()}


def _frame(event: dict[str, Any]) -> bytes:
    body = json.dumps({"event": event, "request_id": "cold", "arn": "", "seconds": 30, "trace": None}).encode()
    return struct.pack(">I", len(body)) + body


def _reply(replies: io.BufferedReader) -> dict[str, Any]:
    head = replies.read(4)
    if len(head) < 4:  # noqa: PLR2004 - the length's length
        raise RuntimeError("the process ended without an answer")
    answer: dict[str, Any] = json.loads(replies.read(struct.unpack(">I", head)[0]))
    return answer
