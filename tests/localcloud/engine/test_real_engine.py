"""The engine at work: a small program and a stock policy pack, run by the real CLI through the language host."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.localcloud.engine.small_projects import ADVISORY, PACK, PROGRAM, Project, write, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


def seen(output: str) -> list[dict[str, Any]]:
    """Return what the pack reported, in order."""
    return [json.loads(line.partition("seen ")[2]) for line in output.splitlines() if "seen {" in line]


def test_up_under_a_stock_pack(tmp_path: Path, make_project: Callable[..., Project]) -> None:
    """The pack sees project, stack, organization and configuration, in preview and in the update; secrets stay so."""
    project, pack = make_project(), write_pack(tmp_path / "pack")
    output = project.run("up", "--yes", "--policy-pack", str(pack))
    expected = {
        "project": "small",
        "stack": "dev",
        "organization": "organization",
        "greeting": "hello",
        "folder": str(pack.resolve()),
        "size": 3,
    }
    assert seen(output) == [expected | {"preview": True}, expected | {"preview": False}]
    assert "printed by the program" in output
    assert project.outputs() == {
        "greeting": "hello",
        "password": "[secret]",
        "where": ["small", "dev", "organization"],
    }
    again = project.run("up", "--yes", "--policy-pack", str(pack))
    assert "2 unchanged" in again
    assert "s3cret" not in output + again
    assert "from $PATH" not in output  # the engine takes the host as its own


def test_a_mandatory_policy_stops_the_update(tmp_path: Path, make_project: Callable[..., Project]) -> None:
    """The exit code is an error's, and the resource is not made."""
    project = make_project()
    pack = write_pack(tmp_path / "pack", level="MANDATORY")
    output = project.run("up", "--yes", "--skip-preview", "--policy-pack", str(pack), expect=None)
    assert "[mandatory]" in output
    assert "test:index:Thing" not in project.run("stack", "export")


@pytest.fixture(scope="module")
def looked_at(make_pulumi_env: Callable[[Path], dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project for tests that only preview, which leaves nothing in its stack."""
    folder = tmp_path_factory.mktemp("looked-at")
    return Project(folder / "project", make_pulumi_env(folder))


def test_a_pack_that_is_a_package(tmp_path: Path, looked_at: Project) -> None:
    """Without a __main__.py at its root, the package that its pyproject.toml builds is run."""
    pyproject = '[project]\nname = "small-pack"\nversion = "1"\n[build-system]\nrequires = []\nbuild-backend = "x"\n'
    code = PACK.replace("LEVEL", ADVISORY)
    files = {"pyproject.toml": pyproject, "small_pack/__init__.py": "", "small_pack/__main__.py": code}
    pack = write_pack(tmp_path / "pack", files=files)
    (found,) = seen(looked_at.run("preview", "--policy-pack", str(pack)))
    assert (found["project"], found["stack"], found["greeting"]) == ("small", "dev", "hello")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise ValueError('no such luck')", "ValueError: no such luck"),
        ("import pulumi\nraise pulumi.RunError('shown as it is')", "shown as it is"),
        ("import sys\nsys.exit(3)", "exit code: 3"),
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("def broken(:", "SyntaxError"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "program exited"),
    ],
)
def test_a_failing_program_says_why(program: str, message: str, looked_at: Project) -> None:
    """The exit code is not 0, and the program's own message is shown once."""
    write(looked_at.folder, {"__main__.py": program})
    output = looked_at.run("preview", expect=None)
    write(looked_at.folder, {"__main__.py": PROGRAM})
    assert message in output
    assert output.partition("Diagnostics:")[2].count("Traceback (most recent call last)") <= 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"__main__.py": "raise ValueError('pack broke')"}, "ValueError: pack broke"),
        ({"__main__.py": "import sys\nsys.exit(0)"}, "policy pack not started"),
        ({}, "__main__.py"),
    ],
)
def test_a_pack_that_does_not_start_says_why(
    files: dict[str, str], message: str, tmp_path: Path, looked_at: Project
) -> None:
    """A broken pack stops the run with its own message."""
    pack = write_pack(tmp_path / "pack", files=files)
    assert message in looked_at.run("preview", "--policy-pack", str(pack), expect=None)


HANGS = """\
import os, subprocess, time
helper = subprocess.Popen(["sleep", "600"])
with open(os.environ["PIDS"], "a") as file:
    file.write(f"{os.getpid()} {os.getppid()} {helper.pid} ")
"""


def interrupt(number: signal.Signals, project: Project, pack: Path, pids: Path) -> set[int]:
    """Send the engine a signal once program and pack run; returns the processes that ran for it."""
    with subprocess.Popen(
        ["pulumi", "--non-interactive", "preview", "--policy-pack", str(pack)],
        cwd=project.folder,
        env=project.environment | {"PIDS": str(pids)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not (pids.exists() and len(pids.read_text().split()) == 6):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(timeout=30) != 0
    return {int(pid) for pid in pids.read_text().split()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_preview_leaves_no_process(
    number: signal.Signals,
    engine: Path,
    tmp_path: Path,
    make_project: Callable[..., Project],
    no_processes: Callable[[Iterable[int]], None],
) -> None:
    """Program, pack, language host, and what they started themselves, end with the engine."""
    if number == signal.SIGKILL and not (engine.parent.parent / "LICENSE.pulumi").exists():
        number = signal.SIGINT  # Pulumi's own host looks for its engine every few minutes only; ours sees it die
    project = make_project(HANGS + "time.sleep(600)")
    pack = write_pack(tmp_path / "pack", files={"__main__.py": HANGS + PACK.replace("LEVEL", ADVISORY)})
    no_processes(interrupt(number, project, pack, tmp_path / "pids"))
