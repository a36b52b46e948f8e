"""What packs add to `pulumi preview` of a program of 1,001 resources, with the real engine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import packs
from benchmarks.measure import Cost, paired, run, title, verdict
from localcloud.checkout import ROOT
from localcloud.engine import find_or_make

if TYPE_CHECKING:
    from collections.abc import Callable

RESOURCES: Final = 1000
_NONE: Final = "no pack"


def measure(*, quick: bool, rounds: int) -> None:
    """Previews without a pack, with packs of pulumi_policy, and with ours."""
    engine = find_or_make()
    count = RESOURCES // 10 if quick else RESOURCES
    title(f"pulumi preview of {count + 1:,} resources, engine {engine.version} ({engine.origin})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = packs.environment(folder, engine)
        program = packs.program(folder / "program", count)
        pulumi = str(engine.path)
        run([pulumi, "stack", "init", "production", "--non-interactive"], env=env, cwd=program)
        folders: dict[str, Path | None] = {
            _NONE: None,
            "stock, 1 empty rule": packs.pack(folder / "empty", packs.EMPTY),
            "policypack itself": ROOT,
            "our host, 300 rules": packs.pack(folder / "ours", packs.OURS),
            "stock, 300 rules": packs.pack(folder / "stock", packs.STOCK),
        }

        def preview(pack: Path | None) -> Callable[[], Cost]:
            command = [pulumi, "preview", "--stack", "production", "--non-interactive", "--suppress-outputs"]
            chosen = ["--policy-pack", str(pack)] if pack else []
            return lambda: run([*command, *chosen], env=env, cwd=program)

        measured = paired(rounds, {case: preview(pack) for case, pack in folders.items()})
    base = measured[_NONE]
    added = {case: measured[case].median(base) for case in measured if case != _NONE}
    print(f"  {_NONE}: {base.median().wall:.2f} s ({base.median().cpu:.2f} s of processor time)")
    for case, cost in added.items():
        print(f"  {case} adds {cost.wall:.2f} s ({cost.cpu:.2f} s of processor time); {rounds} rounds, medians")
    for ours in ("policypack itself", "our host, 300 rules"):
        for stock, target in (("stock, 1 empty rule", 1.2), ("stock, 300 rules", 0.25)):
            verdict(f"{ours} / {stock}", added[ours].wall / added[stock].wall, target)
