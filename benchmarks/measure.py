"""Paired measurements: every case once a round, in turning order, so that a busy machine is busy for all of them."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from localcloud.console import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PACKAGES: Final = ("pulumi", "pulumi-policy", "pulumi-aws", "grpcio", "protobuf")


class Cost(NamedTuple):
    """Seconds on the clock, and seconds of processor time of a process and all that it started."""

    wall: float
    cpu: float


class Case:
    """What was measured of one case, round by round."""

    def __init__(self) -> None:
        self.costs: list[Cost] = []

    def median(self, base: Case | None = None) -> Cost:
        """The median cost, or the median of what it costs more than another case in the same round."""
        others = [Cost(0, 0)] * len(self.costs) if base is None else base.costs
        pairs = list(zip(self.costs, others, strict=True))
        return Cost(
            statistics.median(own.wall - other.wall for own, other in pairs),
            statistics.median(own.cpu - other.cpu for own, other in pairs),
        )


def paired(rounds: int, cases: Mapping[str, Callable[[], Cost]]) -> dict[str, Case]:
    """Run all cases so many times, a different one first in each round."""
    measured = {name: Case() for name in cases}
    names = list(cases)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            with progress(f"round {number + 1} of {rounds}: {name}"):
                measured[name].costs.append(cases[name]())
    return measured


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    until_line: bool = False,
    fails: bool = False,
) -> Cost:
    """Run a command to its end, or until its first line of output is there; then it is killed.

    Raises RuntimeError with the end of what it said if it failed (`fails`: if it did not).
    """
    started = time.perf_counter()
    with subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = process.stdout.readline() if until_line and process.stdout else b""
        wall = time.perf_counter() - started
        if until_line:
            process.kill()
        said += process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if not until_line:
        wall = time.perf_counter() - started
        if (process.returncode != 0) != fails:
            raise RuntimeError(f"{command} ended with {process.returncode}:\n{said.decode()[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def own_cpu() -> float:
    """Seconds of processor time that this process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def machine() -> str:
    """What it is measured on."""
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in PACKAGES)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{_processor()}, {os.cpu_count()} cores, load {load}; Python {platform.python_version()}; {versions}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


def title(text: str) -> None:
    """Head a table."""
    print(f"\n{text}\n{'-' * len(text)}")


def verdict(what: str, ratio: float, target: float) -> None:
    """Say how a ratio stands to what it should be. Nothing fails: the machine may be busy."""
    print(f"  {what}: {ratio:.3g}, target at most {target:.3g}: {'met' if ratio <= target else 'NOT met'}")


def python(*arguments: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *arguments]
