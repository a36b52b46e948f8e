"""A pack as a process of its own, over real gRPC."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

from google.protobuf import empty_pb2
from pulumi.runtime.proto.analyzer_pb2 import AnalyzerHandshakeRequest, AnalyzerHandshakeResponse

from tests.policypack.dropin.child import OURS, STOCK, started
from tests.policypack.dropin.servers import analyze, messages
from tests.policypack.dropin.test_answers import RUN

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {
    "PULUMI_PROJECT": "app",
    "PULUMI_STACK": "dev",
    "PULUMI_DRY_RUN": "true",
    "PULUMI_CONFIG": '{"example:colour": "red"}',
}

PROGRAM = """
from tests.policypack.dropin import example_policies

PolicyPack("example", [make() for name in NAMES for make in example_policies.POLICIES[name]])
"""


def test_the_same_answers_over_the_wire(tmp_path: Path) -> None:
    """Answers, error codes and error texts, in gRPC's own worker threads, one import apart."""
    names = ["all", "runtime", "unknown", "loop", "async", "by class", "remediates", "severities", "stack unknown"]
    with ExitStack() as stack:
        children = []
        for which, line in (("stock", STOCK), ("ours", OURS)):
            (tmp_path / which).mkdir()
            code = f"{line}\nNAMES = {names}\n{PROGRAM}"
            children.append(stack.enter_context(started(tmp_path / which, code, **ENVIRONMENT)))
        for method, request in RUN:
            stock, ours = (child.ask(method, request) for child in children)
            assert ours == stock


NOISY = """
import asyncio, os, subprocess, sys
from pulumi_policy import ResourceValidationPolicy

print("printed at import")
sys.stdout.write("written at import")
sys.__stdout__.write("written to the first stdout")
os.write(1, b"written below Python\\n")
subprocess.run(["echo", "printed by a child"])

def leaves(args, report):
    print("printed by a policy")
    sys.exit(1)

def runs(args, report):
    async def work():
        return args.name
    report(asyncio.run(work()))

PolicyPack("noisy", [ResourceValidationPolicy(judge.__name__, "Judges.", judge) for judge in (leaves, runs)])
"""


def test_a_noisy_pack(tmp_path: Path) -> None:
    """Whatever prints, the engine reads a port, and nothing that was printed is lost; an interrupt ends the process."""
    with started(tmp_path, f"{OURS}\n{NOISY}") as child:
        assert child.ask("Handshake", AnalyzerHandshakeRequest()) == AnalyzerHandshakeResponse()
        first, second = messages(child.ask("Analyze", analyze({})))
        assert "it raised SystemExit(1)" in first
        assert second == "jobs"
        assert child.ask("Cancel", empty_pb2.Empty()) == empty_pb2.Empty()
        child.process.send_signal(signal.SIGINT)
        assert child.process.wait(timeout=10) == 0
        assert child.process.stdout is not None
        assert child.process.stdout.read() == ""
    printed = (tmp_path / "stderr").read_text()
    for text in ("printed at", "written at", "to the first stdout", "below Python", "by a child", "by a policy"):
        assert text in printed
