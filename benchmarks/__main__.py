"""`python -m benchmarks`: what the pack costs. Paired runs, printed as ratios; nothing fails for being slow."""

from __future__ import annotations

import argparse
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks import dropin, engine, extremes, iam, processor, start, worker
from benchmarks.measure import machine

if TYPE_CHECKING:
    from collections.abc import Callable

BENCHMARKS: Final = {
    "start": (start, "until the pack's port is printed, against `import pulumi_policy`"),
    "processor": (processor, "processor time of 300 rules, against the same rules on pulumi_policy's server"),
    "engine": (engine, "what packs add to `pulumi preview` of 1,001 resources, with the real engine"),
    "dropin": (dropin, "somebody's stock pack of 300 policies on pulumi_policy's server and on ours"),
    "iam": (iam, "the rules about least privilege: a document, a role of 500, the import, documents by size"),
    "worker": (worker, "the reference stack's worker, against one request a message; its cold start"),
    "extremes": (extremes, "memory at 10,000 resources; a document of 1 MB, 5,000 levels, 10,000 findings"),
}


def _arguments() -> argparse.Namespace:
    lines = "\n".join(f"  {name:10} {text}" for name, (_, text) in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"benchmarks (all of them where none is named):\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="BENCHMARK", help="which to run")
    parser.add_argument("--rounds", type=int, default=3, help="how often each case is run (default: 3)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, two rounds: whether they work")
    parser.add_argument("--long", action="store_true", help="pulumi_policy's server with 10,000 resources as well")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    if given.rounds < 1:
        parser.error("--rounds is 1 or more")
    return given


def main() -> None:
    """Run what was asked for."""
    given = _arguments()
    rounds = min(given.rounds, 2) if given.quick else given.rounds
    print(machine())
    started = time.monotonic()
    for name in given.names or BENCHMARKS:
        measure: Callable[..., None] = BENCHMARKS[name][0].measure
        if name == "processor":
            measure = partial(measure, long=given.long)
        measure(quick=given.quick, rounds=rounds)
    print(f"\n{time.monotonic() - started:.0f} s in all")


main()
