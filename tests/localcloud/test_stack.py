"""Locks of runs that were killed, and the environment that children and shells get."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import environment, stack
from localcloud.checkout import ROOT
from localcloud.console import UserError
from localcloud.engine import Engine
from localcloud.stack import Project

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINE = Engine(path=Path("/engine/bin/pulumi"), version="3.259.0", origin="a test")


@pytest.fixture
def dead() -> int:
    """The pid of a process that has ended."""
    with subprocess.Popen(["/bin/true"]) as child:
        child.wait()
    return child.pid


@pytest.mark.parametrize(
    ("holder", "kept"),
    [
        (lambda pid: {"pid": pid, "hostname": socket.gethostname()}, False),
        (lambda _: {"pid": os.getpid(), "hostname": socket.gethostname()}, True),  # that run goes on
        (lambda pid: {"pid": pid, "hostname": "elsewhere"}, True),  # nothing is known about it
        (lambda _: [1], True),  # no lock as the engine writes it
        (lambda _: {"pid": "many", "hostname": socket.gethostname()}, True),
    ],
)
def test_the_lock_of_a_killed_run_is_dropped(
    holder: Callable[[int], Any], kept: bool, dead: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no other: the engine says of those what it thinks of them."""
    lock = tmp_path / ".pulumi" / "locks" / "organization" / "decoupled-ai" / "local" / "lock.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps(holder(dead)))
    monkeypatch.setattr(stack, "BACKEND", tmp_path)
    monkeypatch.setattr(stack, "PULUMI_HOME", tmp_path / "home")
    (tmp_path / "root.selected").touch()  # the stack is there: nothing is asked of the engine
    Project(ENGINE, None).ready()
    assert lock.exists() == kept


def test_one_run_at_a_time_changes_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is told who does, before the engine is started."""
    lock = tmp_path / ".pulumi" / "locks" / "organization" / "decoupled-ai" / "local" / "lock.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": os.getpid(), "hostname": socket.gethostname()}))
    monkeypatch.setattr(stack, "BACKEND", tmp_path)
    for change in ("up", "destroy", "refresh"):
        with pytest.raises(UserError, match=rf"being updated by another run \(pid {os.getpid()}\)"):
            Project(ENGINE, None).run(change)


def test_children_reach_the_local_aws_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles and another emulator's endpoints stay behind."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    found = environment.child_environment(ENGINE, "http://127.0.0.1:1")
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_SQS"} & set(found)
    assert "AWS_ENDPOINT_URL" not in environment.child_environment(ENGINE, None)


def test_a_shell_takes_the_environment_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a value needs quotes, and what leads elsewhere is unset."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:4566")
    exports = environment.shell_exports({"ONE": "a b'c", "TWO": "2"})
    script = f'{exports}\nprintf "%s|%s|%s" "$ONE" "$TWO" "${{AWS_ENDPOINT_URL_SQS-gone}}"'
    done = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "a b'c|2|gone"


def test_make_says_which_python_is_missing(tmp_path: Path) -> None:
    """Two lines and exit code 2; nothing is left behind."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "bootstrap.lock"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(
        ["make", "PYTHON=/no/python", "setup"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "error: /no/python is not Python 3.11 or later" in done.stderr
    assert not (tmp_path / ".venv").exists()
