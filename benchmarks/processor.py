"""Processor time of 300 rules, on our host and, as plain policies, on pulumi_policy's own server.

Both are called in a process of their own without gRPC, from serialized request to serialized answer, as often as the
engine calls them: Remediate and Analyze for each resource, AnalyzeStack once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import analyzer_pb2

from benchmarks.measure import own_cpu, python, title, verdict
from benchmarks.workload.requests import registrations, whole
from benchmarks.workload.rules import PACK
from localcloud.console import progress

if TYPE_CHECKING:
    from collections.abc import Callable

OURS: Final = "our host"
STOCK: Final = "pulumi_policy"
_RATIO: Final = 0.1
_FLAT: Final = 1.25


def measure(*, quick: bool, rounds: int, long: bool = False) -> None:
    """Print microseconds a resource on both, and how they compare."""
    title(f"processor time, {len(PACK.rules)} rules")
    sizes = [100, 1000] if quick else [100, 1000, 10_000]
    slow = [100] if quick else [1000, 10_000] if long else [1000]
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds):
        for size in sizes:
            for server in (OURS, STOCK):
                if server == OURS or size in slow:
                    with progress(f"round {number + 1} of {rounds}: {server}, {size:,} resources"):
                        times.setdefault((server, size), []).append(_child(server, size))
    spent = {case: median(found) for case, found in times.items()}
    for (server, size), seconds in sorted(spent.items()):
        print(f"  {server}, {size:,} resources: {seconds:.2f} s, {seconds / size * 1e6:,.0f} us a resource")
    for size in slow:
        verdict(f"{OURS} / {STOCK}, {size:,} resources", spent[OURS, size] / spent[STOCK, size], _RATIO)
    ends = [spent[OURS, size] / size for size in (sizes[0], sizes[-1])]
    verdict(f"{OURS}, a resource of {sizes[-1]:,} / one of {sizes[0]:,}", ends[1] / ends[0], _FLAT)
    if not long:
        print(f"  ({STOCK} with 10,000 resources takes minutes: --long)")


def _child(server: str, size: int) -> float:
    done = subprocess.run(
        python("-m", "benchmarks.processor", server, str(size)), stdout=subprocess.PIPE, text=True, check=True
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer["seconds"]


def _servicer(server: str) -> Any:
    if server == STOCK:
        from pulumi_policy import EnforcementLevel  # noqa: PLC0415 - ours must not pay for it
        from pulumi_policy.policy import _PolicyAnalyzerServicer  # noqa: PLC0415 - the same

        from policypack.host import stock  # noqa: PLC0415 - the same

        made: Callable[..., Any] = _PolicyAnalyzerServicer
        return made(PACK.name, "1.0.0", stock.policies(PACK.rules), EnforcementLevel.ADVISORY)
    from policypack.host.analyzer import Analyzer  # noqa: PLC0415 - the same
    from policypack.host.server import settle  # noqa: PLC0415 - the same

    analyzer = Analyzer(PACK)
    begin = analyzer_pb2.AnalyzerStackConfigureRequest(project="decoupled", stack="production", dry_run=True)
    analyzer.ConfigureStack(begin, None)
    settle()
    return analyzer


def main(server: str, size: int) -> None:
    """Judge so many resources and print what it cost, as JSON."""
    servicer = _servicer(server)
    registered, everything = list(registrations(size)), whole(size)
    begun = own_cpu()
    for data in registered:
        servicer.Remediate(analyzer_pb2.AnalyzeRequest.FromString(data), None).SerializeToString()
        servicer.Analyze(analyzer_pb2.AnalyzeRequest.FromString(data), None).SerializeToString()
    servicer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest.FromString(everything), None).SerializeToString()
    print(json.dumps({"seconds": own_cpu() - begun}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
