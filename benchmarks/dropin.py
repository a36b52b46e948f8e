"""Somebody's pack of 300 stock policies, served by pulumi_policy and, one import changed, by the drop-in."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import (
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from benchmarks.measure import Cost, machine, paired, title, verdict
from benchmarks.workload.requests import KINDS, registrations, whole
from localcloud.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RESOURCES: Final = 1000
_TARGET: Final = 1 / 3
_OF_STACKS: Final = 60
_PACK: Final = """
from {module} import PolicyPack
from benchmarks.dropin import policies
PolicyPack("somebodys", policies({count}))
"""
_MODULES: Final = {"pulumi_policy": "pulumi_policy", "drop-in": "policypack.dropin"}


def policies(count: int) -> list[Policy]:
    """Policies as people write them: 4 of 5 look at one resource's type and then at a property, 1 of 5 at the stack."""
    questions = itertools.cycle(_questions())
    of_stacks = count * _OF_STACKS // 300
    made: list[Policy] = []
    for number in range(count):
        type_, key = next(questions)
        name, why = f"policy-{number}", f"{key} is as it should be."
        if number < of_stacks:
            made.append(StackValidationPolicy(name, why, validate=_stack(type_, key)))
        else:
            made.append(ResourceValidationPolicy(name, why, validate=_resource(type_, key)))
    return made


def _questions() -> Iterator[tuple[str, str]]:
    """A type, and a property that its resources have or may lack."""
    for type_, inputs in KINDS.items():
        for key in (*inputs("0"), "tags", "region"):
            yield type_, key


def _resource(type_: str, key: str) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type == type_ and _is_wrong(args.props, key):
            report(f"{args.name}: {key}", None)

    return validate


def _stack(type_: str, key: str) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource in args.resources:
            if resource.resource_type == type_ and _is_wrong(resource.props, key):
                report(f"{resource.name}: {key}", resource.urn)

    return validate


def _is_wrong(props: Any, key: str) -> bool:
    """Look at a property the way its kind asks for: at its text, its document, its items or its tags."""
    value = props.get(key)
    if isinstance(value, str):
        if value.startswith("{"):
            return any(statement.get("Action") == "*" for statement in json.loads(value).get("Statement", []))
        return value.endswith("-forbidden")
    if isinstance(value, bool | float) or value is None:
        return value == -1
    if key == "tags":
        return any(name not in value for name in ("owner", "environment"))
    return any(item == "" for item in value)


def _serve(folder: Path, module: str, count: int, requests: list[analyzer_pb2.AnalyzeRequest], stack: Any) -> Cost:
    """What a pack's process costs from its start to its last answer, as the engine starts and asks it."""
    folder.mkdir(exist_ok=True)
    (folder / "__main__.py").write_text(_PACK.format(module=module, count=count))
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PULUMI_PROJECT": "decoupled",
        "PULUMI_STACK": "production",
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": '{"decoupled:region": "eu-west-1"}',
    }
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - it is piped
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            server = analyzer_pb2_grpc.AnalyzerStub(channel)
            for request in requests:
                server.Remediate(request)
                server.Analyze(request)
            server.AnalyzeStack(stack)
        wall = time.perf_counter() - started
        process.kill()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def measure(*, quick: bool, rounds: int) -> None:
    """Both servers with one policy that judges nothing, and with 300 policies."""
    count = RESOURCES // 10 if quick else RESOURCES
    title(f"a stock pack of 300 policies, {count:,} resources: processes asked over gRPC as the engine does")
    requests = [analyzer_pb2.AnalyzeRequest.FromString(data) for data in registrations(count)]
    stack = analyzer_pb2.AnalyzeStackRequest.FromString(whole(count))
    with tempfile.TemporaryDirectory() as name:

        def case(module: str, policies_: int) -> Callable[[], Cost]:
            return lambda: _serve(Path(name) / "pack", module, policies_, requests, stack)

        measured = paired(
            rounds,
            {f"{name}, {number}": case(module, number) for name, module in _MODULES.items() for number in (1, 300)},
        )
    for name, found in measured.items():
        print(f"  {name} policies: {found.median().wall:.2f} s ({found.median().cpu:.2f} s of processor time)")
    ours, stock = measured["drop-in, 300"].median(), measured["pulumi_policy, 300"].median()
    verdict("drop-in / pulumi_policy, 300 policies, on the clock", ours.wall / stock.wall, _TARGET)
    verdict("drop-in / pulumi_policy, 300 policies, processor time", ours.cpu / stock.cpu, _TARGET)
    more = [measured[f"{name}, 300"].median(measured[f"{name}, 1"]).cpu for name in ("drop-in", "pulumi_policy")]
    verdict("drop-in / pulumi_policy, what 299 policies add, processor time", more[0] / more[1], _TARGET)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the resources")
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    print(machine())
    measure(quick=given.quick, rounds=given.rounds)


if __name__ == "__main__":
    main()
