"""What no program should be and one will: very many resources, a huge document, deep nesting, all of it broken."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from benchmarks import packs
from benchmarks.measure import python, title, verdict
from benchmarks.workload.requests import registrations, urn, whole
from localcloud.checkout import ROOT
from policypack.model import FUNCTION, QUEUE, ROLE_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MEGABYTE: Final = 1024 * 1024
_OPTIONS: Final = [(f"grpc.max_{way}_message_length", 400 * _MEGABYTE) for way in ("receive", "send")]
_POLICYPACK: Final = ("-m", "pulumi.run.plugin", "policypack", "127.0.0.1:1")


class Served:
    """A pack's process, started as the engine does it, and its peak memory in MB once it has ended."""

    def __init__(self, process: subprocess.Popen[bytes], server: Any, channel: grpc.Channel) -> None:
        self._process, self.server, self.channel = process, server, channel
        self.peak = 0.0

    def end(self) -> None:
        """End it."""
        self._process.kill()
        _, _, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = 0
        self.peak = usage.ru_maxrss / 1024


@contextmanager
def _served(*arguments: str, report: str = "") -> Iterator[Served]:
    environment = {**os.environ, "POLICYPACK_REPORT": report}
    with subprocess.Popen(python("-u", *arguments), cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        line = process.stdout.readline() if process.stdout else b""
        with grpc.insecure_channel(f"127.0.0.1:{int(line)}", options=_OPTIONS) as channel:
            server = analyzer_pb2_grpc.AnalyzerStub(channel)
            server.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(project="p", stack="s", dry_run=True))
            served = Served(process, server, channel)
            try:
                yield served
            finally:
                served.end()


def measure(*, quick: bool, rounds: int) -> None:
    """Print peak memory and times. `rounds` changes nothing: these are not compared with anything."""
    del rounds
    count = 1000 if quick else 10_000
    title(f"extremes: {count:,} resources, a document of 1 MB, 5,000 levels, {count:,} findings")
    with tempfile.TemporaryDirectory() as name:
        pack = packs.pack(Path(name) / "ours", packs.OURS)
        for report in ("", name):
            what = "with its report" if report else "without a report"
            seconds, peak = _judge_all(pack, count, report)
            verdict(f"300 rules, {count:,} resources, {seconds:.1f} s {what}: peak memory in MB", peak, 400)
    _one("a policy document of 1 MB in one statement", ROLE_POLICY, {"policy": _document(1)})
    _one("a policy document of 1 MB in 10,000 statements", ROLE_POLICY, {"policy": _document(10_000)})
    _one("a description of 1 MB", FUNCTION, {"description": "x" * _MEGABYTE})
    _deep(5000)
    _findings(count)


def _judge_all(pack: Path, count: int, report: str) -> tuple[float, float]:
    with _served("-m", "pulumi.policy", "127.0.0.1:1", str(pack), report=report) as served:
        started = time.perf_counter()
        for data in registrations(count):
            served.server.Analyze(analyzer_pb2.AnalyzeRequest.FromString(data))
        served.server.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest.FromString(whole(count)))
        seconds = time.perf_counter() - started
    return seconds, served.peak


def _document(statements: int) -> str:
    """A policy document of 1 MB."""
    each = _MEGABYTE // statements // 60
    names = [f"arn:aws:dynamodb:eu-west-1:123456789012:table/t{number:08}" for number in range(max(each, 1))]
    statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": names}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement] * statements})


def _one(what: str, type_: str, properties: dict[str, Any]) -> None:
    """Register one resource and judge the stack of it."""
    request = analyzer_pb2.AnalyzeRequest(type=type_, name="it", urn=urn(type_, "it"))
    request.properties.update(properties)
    with _served(*_POLICYPACK) as served:
        found, seconds = _ask(served, [request])
    print(f"  {what}: {seconds:.2f} s, {len(found)} findings, peak memory {served.peak:.0f} MB")


def _ask(served: Served, requests: Sequence[Any]) -> tuple[list[Any], float]:
    everything = analyzer_pb2.AnalyzeStackRequest()
    for each in requests:
        everything.resources.add(type=each.type, name=each.name, urn=each.urn, properties=each.properties)
    started = time.perf_counter()
    found: list[Any] = []
    for each in requests:
        found.extend(served.server.Analyze(each).diagnostics)
    found.extend(served.server.AnalyzeStack(everything).diagnostics)
    return found, time.perf_counter() - started


def _deep(levels: int) -> None:
    """Print how nesting that no parser survives is refused."""
    value = struct_pb2.Value(string_value="bottom").SerializeToString()
    for _ in range(levels):
        value = _field(6, _field(1, value))  # a list of the value
    request = analyzer_pb2.AnalyzeRequest(type=QUEUE, name="deep", urn="urn:pulumi:s::p::t::deep")
    data = request.SerializeToString() + _field(2, _field(1, _field(1, b"deep") + _field(2, value)))
    with _served(*_POLICYPACK) as served:
        call: Any = served.channel.unary_unary("/pulumirpc.Analyzer/Analyze")
        started = time.perf_counter()
        try:
            call(data)
        except grpc.RpcError as error:
            said = f"{error.code().name}: {error.details()}"
        else:
            said = "taken, which it should not be"
        print(f"  {levels:,} levels: {time.perf_counter() - started:.3f} s, {said}")


def _field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message."""
    length, left = b"", len(content)
    while left > 127:  # noqa: PLR2004 - seven bits a byte
        length, left = length + bytes([left & 127 | 128]), left >> 7
    return bytes([number << 3 | 2]) + length + bytes([left]) + content


def _findings(count: int) -> None:
    """Print what a stack costs in which nothing is as it should be."""
    requests = []
    for number in range(count):
        name = f"queue-{number}"
        request = analyzer_pb2.AnalyzeRequest(type=QUEUE, name=name, urn=urn(QUEUE, name))
        request.properties.update({"name": name, "visibilityTimeoutSeconds": 1})
        requests.append(request)
    with _served(*_POLICYPACK) as served:
        found, seconds = _ask(served, requests)
    print(f"  {count:,} bare queues: {seconds:.2f} s, {len(found):,} findings, peak memory {served.peak:.0f} MB")
