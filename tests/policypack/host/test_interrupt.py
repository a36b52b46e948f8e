"""Ctrl-C in the middle of a rule."""

from __future__ import annotations

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest

from policypack.model import TABLE
from tests.localcloud.aws.cloud import eventually
from tests.localcloud.engine.small_projects import write_pack
from tests.policypack.dropin.child import started
from tests.policypack.host.calls import analyze
from tests.policypack.host.runs import OUR_PACK, PROVISIONED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.localcloud.engine.small_projects import Project

RULES = """
import os, pathlib, time
from policypack.model import TABLE
from policypack.rule_pack import Pack
from policypack.rule import Severity, rule

@rule(on=TABLE, severity=Severity.LOW, fix="None.")
def takes_for_ever(table):
    '''Never comes to an end.'''
    pathlib.Path(os.environ["STARTED"]).write_text(str(os.getpid()))
    time.sleep(600)
    yield "never"

PACK = Pack("slow", "1.0.0", (takes_for_ever,))
"""
PATIENCE = 15
"""Seconds after which a run counts as hanging: the engine alone gives its plugins five."""


def family(pid: int) -> set[int]:
    """A process, its children, and theirs."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = {pid}
    while more := {child for child, parent in parents if parent in found} - found:
        found |= more
    return found


def test_ctrl_c_ends_the_run_and_leaves_no_child(
    project: Callable[..., Project], no_processes: Callable[[Iterable[int]], None], tmp_path: Path
) -> None:
    """The whole process group is interrupted, as a terminal does it, while the pack judges."""
    since = tmp_path / "started"
    made = project(PROVISIONED, STARTED=str(since))
    pack = write_pack(tmp_path / "pack", files={"__main__.py": OUR_PACK, "rules.py": RULES})
    command = ["pulumi", "preview", "--non-interactive", "--stack", "dev", "--policy-pack", str(pack)]
    with subprocess.Popen(
        command, cwd=made.folder, env=made.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        judging = int(eventually(lambda: since.exists() and since.read_text(), seconds=60))
        children = family(run.pid)
        assert judging in children
        os.killpg(run.pid, signal.SIGINT)
        said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode != 0
    assert "Traceback" not in said
    no_processes(children)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_a_pack_that_is_interrupted_leaves_at_once(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Without an engine that would kill it: a rule that never ends does not hold the process back."""
    folder, since = tmp_path / "pack", tmp_path / "started"
    folder.mkdir()
    (folder / "rules.py").write_text(RULES)
    with started(folder, OUR_PACK, STARTED=str(since)) as child, ThreadPoolExecutor(1) as asking:
        answer = asking.submit(child.ask, "Analyze", analyze(TABLE, "results"))
        eventually(since.exists)
        child.process.send_signal(number)
        assert child.process.wait(PATIENCE) == code
        assert answer.result(PATIENCE)[0] is grpc.StatusCode.UNAVAILABLE
