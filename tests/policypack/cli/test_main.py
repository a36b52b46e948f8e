"""The command as a whole: whoever reads its output, starts it wrongly, or lacks an extra."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from policypack.cli.main import main
from tests.policypack.cli.example_pack import PACK

if TYPE_CHECKING:
    import pytest


def test_who_has_read_enough_sees_no_traceback() -> None:
    """As `head` has."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "policypack.cli", "rules"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_command_without_its_extra_says_which_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The core brings no rich: one line to paste."""
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert main(["rules"], PACK) == 2
    assert capsys.readouterr().err == (
        "error: this needs rich, which the extra 'cli' of policypack brings\n       pip install 'policypack[cli]'\n"
    )


def test_who_starts_the_pack_instead_of_the_command_is_told() -> None:
    """`python -m policypack` is what the engine starts: it would wait for the engine for ever."""
    command = [sys.executable, "-m", "policypack", "rules", "timeout"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the engine starts this module\n       policypack rules timeout\n"
