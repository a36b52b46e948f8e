"""What packs add to `pulumi preview` of 1,001 resources, with the real engine.

Ours are measured on two programs: 300 rules on resources of 20 types, as pulumi_policy's server is; and the pack
itself on the reference stack, many times, which breaks none of its rules: thousands of findings would measure the
engine's printing.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import packs
from benchmarks.measure import Case, Cost, paired, run, title, verdict
from localcloud.checkout import ROOT
from localcloud.engine import find_or_make

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RESOURCES: Final = 1000
_IN_A_REFERENCE: Final = 27
_NONE, _EMPTY, _STOCK = "no pack", "stock, 1 empty rule", "stock, 300 rules"
_OURS, _ITSELF = "our host, 300 rules", "policypack itself"
_ADDED: Final = 1.2
_FRACTION: Final = 0.25


def measure(*, quick: bool, rounds: int) -> None:
    """Previews without a pack, with packs of pulumi_policy, and with ours."""
    engine = find_or_make(quiet=True)
    count = RESOURCES // 10 if quick else RESOURCES
    title(f"pulumi preview of {count:,} resources and the stack, engine {engine.version} ({engine.origin})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = packs.environment(folder, engine)
        pulumi = str(engine.path)
        empty = packs.pack(folder / "empty", packs.EMPTY)
        stock = packs.pack(folder / "stock", packs.STOCK)
        ours = packs.pack(folder / "ours", packs.OURS)

        def cases(program: Path, chosen: Mapping[str, Path | None]) -> dict[str, Callable[[], Cost]]:
            run([pulumi, "stack", "init", "production", "--non-interactive"], env=env, cwd=program)
            command = [pulumi, "preview", "--stack", "production", "--non-interactive", "--suppress-outputs"]

            def preview(pack: Path | None) -> Callable[[], Cost]:
                under = ["--policy-pack", str(pack)] if pack else []
                return lambda: run([*command, *under], env=env, cwd=program)

            return {case: preview(pack) for case, pack in chosen.items()}

        kinds = packs.program(folder / "kinds", packs.PROGRAM, count)
        _compare(paired(rounds, cases(kinds, {_NONE: None, _EMPTY: empty, _OURS: ours, _STOCK: stock})), _OURS)
        reference = packs.program(folder / "reference", packs.REFERENCE, count // _IN_A_REFERENCE)
        _compare(paired(rounds, cases(reference, {_NONE: None, _EMPTY: empty, _ITSELF: ROOT, _STOCK: stock})), _ITSELF)


def _compare(measured: Mapping[str, Case], ours: str) -> None:
    base = measured[_NONE]
    print(f"  {_NONE}: {base.median().wall:.2f} s; medians of {len(base.costs)} rounds")
    added = {case: found.median(base).wall for case, found in measured.items() if case != _NONE}
    for case, seconds in added.items():
        print(f"  {case} adds {seconds:.2f} s")
    verdict(f"{ours} / {_EMPTY}", added[ours] / added[_EMPTY], _ADDED)
    verdict(f"{ours} / {_STOCK}", added[ours] / added[_STOCK], _FRACTION)
