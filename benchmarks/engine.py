"""What packs add to `pulumi preview` of 1,001 resources, with the real engine."""

from __future__ import annotations

import json
import subprocess
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
_NONE, _EMPTY, _STOCK = "no pack", "stock, 1 empty rule", "stock, 300 rules"
_OURS, _ITSELF = "our host, 300 rules", "policypack itself"


def measure(*, quick: bool, rounds: int) -> None:
    """Previews without a pack, with packs of pulumi_policy, and with ours."""
    engine = find_or_make(quiet=True)
    count = RESOURCES // 10 if quick else RESOURCES
    title(f"pulumi preview of {count + 1:,} resources, engine {engine.version} ({engine.origin})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env, program = packs.environment(folder, engine), packs.program(folder / "program", count)
        config = folder / "config.json"
        config.write_text(json.dumps({"all": "advisory"}))  # a rule that is newer than the program must not end it
        commands = {
            case: [str(engine.path), "preview", "--non-interactive", "--suppress-outputs", "--stack=s", *under]
            for case, under in {
                _NONE: [],
                _EMPTY: ["--policy-pack", str(packs.pack(folder / "empty", packs.EMPTY))],
                _ITSELF: ["--policy-pack", str(ROOT), "--policy-pack-config", str(config)],
                _OURS: ["--policy-pack", str(packs.pack(folder / "ours", packs.OURS))],
                _STOCK: ["--policy-pack", str(packs.pack(folder / "stock", packs.STOCK))],
            }.items()
        }
        run([str(engine.path), "stack", "init", "s", "--non-interactive"], env=env, cwd=program)
        findings = {case: _findings(command, env, program) for case, command in commands.items() if case != _NONE}

        def preview(command: list[str]) -> Callable[[], Cost]:
            return lambda: run(command, env=env, cwd=program)

        measured = paired(rounds, {case: preview(command) for case, command in commands.items()})
    base = measured[_NONE]
    print(f"  {_NONE}: {base.median().wall:.2f} s; medians of {rounds} rounds")
    added = {case: measured[case].median(base).wall for case in findings}
    for case, seconds in added.items():
        print(f"  {case} adds {seconds:.2f} s and says {findings[case]:,} findings")
    for ours in (_ITSELF, _OURS):
        verdict(f"{ours} / {_EMPTY}", added[ours] / added[_EMPTY], 1.2)
        verdict(f"{ours} / {_STOCK}", added[ours] / added[_STOCK], 0.25)


def _findings(command: list[str], env: dict[str, str], cwd: Path) -> int:
    """How many lines a pack adds to what is printed; nothing is measured in this first run of each."""
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout.count("[advisory]")
