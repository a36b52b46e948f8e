"""From the start of the process to the port printed, as the engine starts the pack and without its wrapper."""

from __future__ import annotations

from benchmarks.measure import paired, python, run, title, verdict
from localcloud.checkout import ROOT

_BASE = 'python -c "import pulumi_policy"'
_ENGINE = "python -m pulumi.run.plugin policypack"


def measure(*, quick: bool, rounds: int) -> None:
    """Print medians, and both ratios."""
    title("start: until the port is printed")
    measured = paired(
        2 if quick else 5 * rounds,
        {
            _BASE: lambda: run(python("-c", "import pulumi_policy"), cwd=ROOT),
            _ENGINE: lambda: run(
                python("-u", "-m", "pulumi.run.plugin", "policypack", "127.0.0.1:1"), cwd=ROOT, until_line=True
            ),
            "python -m policypack": lambda: run(python("-u", "-m", "policypack"), cwd=ROOT, until_line=True),
        },
    )
    for case, found in measured.items():
        cost = found.median()
        print(f"  {case}: {cost.wall:.3f} s ({cost.cpu:.3f} s of processor time)")
    base = measured[_BASE].median()
    for case in list(measured)[1:]:
        verdict(f"{case}, on the clock", measured[case].median().wall / base.wall, 1.2)
        verdict(f"{case}, processor time", measured[case].median().cpu / base.cpu, 1.2)
