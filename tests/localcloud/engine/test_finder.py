"""Which engine is taken, and what is said of those that are not."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import ROOT
from localcloud.console import UserError
from localcloud.engine import build, cache, find_or_make, release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.localcloud.engine.fake_machine import Machine


@pytest.mark.parametrize("version", ["v3.255.0", "v3.272.1", "3.300.0", "v3.260.0-alpha.1+x", "v4.0.0"])
def test_takes_a_good_pulumi_from_path(version: str, machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """The user's own engine is used as it is, and said in one line."""
    pulumi = machine.pulumi(machine.folder / "own", version)
    machine.first_on_path(pulumi.parent)
    found = find_or_make()
    assert found.path == pulumi
    assert found.version == version.removeprefix("v").partition("+")[0]
    assert capsys.readouterr().err.splitlines() == [f"engine: pulumi {found.version}, found on PATH: {pulumi}"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo v3.254.9", "version 3.254.9 is older than 3.255.0"),
        ("echo v2.300.0", "version 2.300.0 is older than 3.255.0"),
        ("echo 'command not found: pulumi'", "`pulumi version` prints no version"),
        ("exit 0", "`pulumi version` prints no version"),
        ("echo v3.300.0; exit 4", "`pulumi version` exits with 4"),
        ("kill -9 $$", "`pulumi version` exits with -9"),
    ],
)
def test_passes_over_a_bad_pulumi_with_one_line(
    body: str, reason: str, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old and broken engines are named once each, and the search goes on along PATH."""
    bad = machine.script(machine.folder / "bad" / "pulumi", body)
    good = machine.pulumi(machine.folder / "good", "v3.256.0")
    machine.first_on_path(bad.parent, bad.parent, good.parent)
    assert find_or_make().path == good
    assert capsys.readouterr().err.splitlines()[:-1] == [f"engine: not using {bad}: {reason}"]


def test_passes_over_what_does_not_start_or_answer(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A binary for another machine and one that hangs get a line each; folders and plain files none."""
    foreign = machine.script(machine.folder / "foreign" / "pulumi", "")
    foreign.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(57))
    hanging = machine.script(machine.folder / "hanging" / "pulumi", "exec sleep 60")
    plain = machine.script(machine.folder / "plain" / "pulumi", "echo v3.300.0")
    plain.chmod(0o644)
    folder = machine.folder / "folder" / "pulumi"
    folder.mkdir(parents=True)
    good = machine.pulumi(machine.folder / "good", "v3.300.0")
    monkeypatch.setattr("localcloud.engine.inspection.ANSWER_SECONDS", 0.5)
    machine.first_on_path(foreign.parent, hanging.parent, plain.parent, folder.parent, good.parent)
    assert find_or_make().path == good
    first, second, _ = capsys.readouterr().err.splitlines()
    assert first == f"engine: not using {foreign}: it does not start (Exec format error)"
    assert second.startswith(f"engine: not using {hanging}: it did not print its version within ")


def test_needs_a_python_host(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """An engine that cannot run Python is passed over; a host elsewhere on PATH is as good as one beside it."""
    bare = machine.pulumi(machine.folder / "bare", "v3.300.0", host=False)
    machine.first_on_path(bare.parent)
    with pytest.raises(UserError, match="no Go"):
        find_or_make()
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f"engine: not using {bare}: it has no pulumi-language-python"
    machine.first_on_path(machine.pulumi(machine.folder / "old", "v3.100.0").parent)
    assert find_or_make().path == bare


def test_follows_links_to_the_host_beside_the_binary(machine: Machine) -> None:
    """Package managers put a link to `pulumi` alone on PATH."""
    link = machine.folder / "bin" / "pulumi"
    link.parent.mkdir()
    link.symlink_to(machine.pulumi(machine.folder / "cellar", "v3.300.0"))
    machine.first_on_path(link.parent)
    assert find_or_make().path == link


@pytest.mark.parametrize("name", [release.name, build.name])
def test_takes_what_was_made_before_without_the_network(
    name: Callable[[], str], machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    """A finished engine in the cache is used without asking anybody; the user's own still goes first."""
    made = machine.pulumi(machine.cache / name() / "bin", "v3.259.0")
    with pytest.raises(UserError, match="no Go"):
        find_or_make()  # nothing says that it is finished
    (machine.cache / name() / cache.ABOUT).write_text('{"version": "3.259.0", "origin": "made by a test"}')
    capsys.readouterr()
    assert find_or_make().path == made
    assert capsys.readouterr().err.splitlines() == [f"engine: pulumi 3.259.0, made by a test: {made}"]
    assert find_or_make(quiet=True).path == made
    assert not capsys.readouterr().err

    bare_path = os.environ["PATH"]
    machine.first_on_path(made.parent)  # as `make env` does
    assert find_or_make().origin == "made by a test"
    own = machine.pulumi(machine.folder / "own", "v3.300.0")
    machine.first_on_path(own.parent)
    assert find_or_make().path == own

    made.unlink()
    machine.setenv("PATH", bare_path)
    with pytest.raises(UserError, match="no Go"):
        find_or_make()


def test_cache_follows_the_xdg_specification(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative or empty XDG_CACHE_HOME is not heeded."""
    machine.setenv("HOME", str(tmp_path))
    for value in ("", "relative/cache"):
        machine.setenv("XDG_CACHE_HOME", value)
        assert cache.root() == tmp_path / ".cache" / "policypack" / "engine"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.root() == tmp_path / ".cache" / "policypack" / "engine"
    machine.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache.root() == tmp_path / "x" / "policypack" / "engine"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m localcloud.engine` on a Python without site packages, as before any virtual environment is."""
    return subprocess.run(
        [sys.executable, "-S", "-m", "localcloud.engine", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_prints_the_path_alone_on_stdout(machine: Machine) -> None:
    """`pulumi=$(python -m localcloud.engine)` works in a shell."""
    pulumi = machine.pulumi(machine.folder / "own", "v3.300.0")
    machine.first_on_path(pulumi.parent)
    done = command()
    assert (done.returncode, done.stdout) == (0, f"{pulumi}\n")
    assert done.stderr.startswith("engine: pulumi 3.300.0")
    assert not command("--quiet").stderr


@pytest.mark.usefixtures("machine")
def test_command_without_any_engine_exits_2_with_the_next_step() -> None:
    """Three lines: what is missing, what to install, what to paste."""
    done = command()
    assert (done.returncode, done.stdout) == (2, "")
    tried, what, known, paste = done.stderr.splitlines()
    assert tried.startswith("engine: no official release: ")
    assert what.startswith(
        "error: no Pulumi engine found, and no Go to build one (looked for pulumi >= 3.255.0 on PATH"
    )
    assert "Install Go >= 1.25.11" in known
    assert paste.strip() == "make setup"


def test_command_explains_itself() -> None:
    """--help tells the order and the variables."""
    done = command("--help")
    assert done.returncode == 0
    assert release.BASE_VARIABLE in done.stdout
    assert "XDG_CACHE_HOME" in done.stdout
