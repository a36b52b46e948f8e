"""Building from Go modules: what Go is asked, what is left behind, and what is said when it cannot be done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import ROOT
from localcloud.console import UserError
from localcloud.engine import build, cache, find_or_make
from localcloud.engine.inspection import VERSION, inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.localcloud.engine.fake_machine import Machine

BUILD = """\
    for word in "$@"; do
        case "$last" in -o) out=$word ;; esac
        last=$word
    done
    for name in pulumi pulumi-language-python; do
        printf '#!/bin/sh\\necho v{version}\\n' > "$out/$name"
        chmod 755 "$out/$name"
    done"""


def install_go(
    machine: Machine, *, build_step: str = BUILD, version: str = "go1.26.8", toolchain: str = "local"
) -> Path:
    """Install a `go` that logs how it is called and answers like the real one; returns the log."""
    sdk = machine.folder / "sdk"
    executor = sdk / "python" / "cmd" / "pulumi-language-python-exec"
    executor.parent.mkdir(parents=True)
    executor.write_text("# the SDK's script\n")
    (sdk / "LICENSE").write_text("Apache\n")
    for name in ("chmod", "env"):
        home = next(path for path in [*os.get_exec_path(), "/usr/bin", "/bin"] if os.access(f"{path}/{name}", os.X_OK))
        (machine.folder / "system" / name).symlink_to(f"{home}/{name}")
    go = machine.script(
        machine.folder / "go-bin" / "go",
        f"""echo "$@" >> "$0.log"
env > "$0.env"
case "$1" in
env) echo {version}; echo {toolchain} ;;
build)
{build_step.replace("{version}", VERSION)}
    ;;
list) echo {sdk} ;;
esac""",
    )
    machine.first_on_path(go.parent)
    return go.with_name("go.log")


def test_builds_from_the_pinned_modules(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Engine, host and the SDK's script land in one folder, with the licence; the second run does not build."""
    log = install_go(machine)
    machine.setenv("GOFLAGS", "-mod=mod -x")
    machine.setenv("GOPROXY", "off")
    machine.setenv("GOOS", "plan9")
    engine = find_or_make()
    assert find_or_make() == engine
    assert engine.path == machine.cache / build.name() / "bin" / "pulumi"
    assert sorted(path.name for path in engine.folder.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    ]
    assert all(os.access(path, os.X_OK) for path in engine.folder.iterdir())
    assert (machine.cache / build.name() / "LICENSE.pulumi").read_text() == "Apache\n"
    builds = [line for line in log.read_text().splitlines() if line.startswith("build ")]
    assert len(builds) == 1
    assert {"-mod=readonly", "-trimpath"} <= set(builds[0].split())
    assert f"version.Version=v{VERSION}" in builds[0]
    environment = log.with_name("go.env").read_text().splitlines()
    assert {"GOFLAGS=-mod=mod -x", "GOPROXY=off", "CGO_ENABLED=0"} <= set(environment)
    assert not any(line.startswith("GOOS=") for line in environment)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("engine: no official release: ")
    assert lines[1] == f"engine: building pulumi {VERSION} from its Go modules, once (a few minutes)"
    assert lines[2:] == [f"engine: pulumi {VERSION}, built from its Go modules: {engine.path}"] * 2


@pytest.mark.parametrize(
    ("step", "what"),
    [
        (
            "    echo 'go: downloading x v1' >&2; echo 'x: dial tcp: lookup p: no such host' >&2; exit 1",
            "Go could not fetch the modules to build one: x: dial tcp: lookup p: no such host",
        ),
        ("    echo 'go: x@v1: module lookup disabled by GOPROXY=off' >&2; exit 1", "Go could not fetch the modules"),
        ("    echo 'out of disk' >&2; exit 1", "building the Pulumi engine failed: out of disk"),
        ("    exit 1", "failed and printed nothing"),
        (BUILD.replace("{version}", "3.1.0"), "the engine that was built cannot be used: version 3.1.0 is older"),
    ],
)
def test_a_failed_build_is_one_line_and_leaves_nothing(step: str, what: str, machine: Machine) -> None:
    """No half an engine stays behind, and the next run starts anew."""
    install_go(machine, build_step=step)
    with pytest.raises(UserError) as error:
        find_or_make()
    assert what in error.value.what
    assert "\n" not in error.value.what
    assert error.value.known
    assert error.value.paste == "make setup"
    assert {path.name for path in machine.cache.iterdir()} <= {".lock", "build.log"}


@pytest.mark.parametrize(
    ("version", "toolchain", "enough"),
    [
        ("go1.25.11", "local", True),
        ("go1.26", "local", True),
        ("go1.26rc1", "local", True),
        ("go1.25.10", "local", False),
        ("go1.24.9", "auto", True),  # fetches the toolchain that go.mod names
        ("go1.22.0", "go1.22.0+auto", True),
        ("go1.22.0", "go1.22.0", False),
        ("go1.20.14", "", False),
        ("devel", "local", False),
    ],
)
def test_needs_a_go_that_is_new_enough(version: str, toolchain: str, machine: Machine, *, enough: bool) -> None:
    """Or one that fetches the right toolchain by itself, as Go does since 1.21."""
    log = install_go(machine, version=version, toolchain=toolchain)
    if enough:
        assert find_or_make().version == VERSION
        return
    with pytest.raises(UserError) as error:
        find_or_make()
    assert f"is too old to build one ({version})" in error.value.what
    assert "Install Go >= 1.25.11" in error.value.known
    assert log.read_text().startswith("env ")
    assert "build" not in log.read_text()


def start(log: Path) -> subprocess.Popen[str]:
    """Start the command and wait until its Go is building."""
    process = subprocess.Popen(
        [sys.executable, "-m", "localcloud.engine"], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    while "build" not in (log.read_text() if log.exists() else ""):
        assert process.poll() is None
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(
    number: signal.Signals, machine: Machine, no_processes: Callable[[Iterable[int]], None]
) -> None:
    """Ctrl-C ends Go with everything it started, and takes the unfinished folder away."""
    pids = machine.folder / "pids"
    log = install_go(machine, build_step=f"    sleep 60 & echo $! $$ > {pids}; wait")
    process = start(log)
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    no_processes(map(int, pids.read_text().split()))
    assert [path.name for path in machine.cache.iterdir()] == [".lock"]


def test_two_at_once_build_once(machine: Machine) -> None:
    """The second waits for the first and takes what it made; what a killed one left is cleared away."""
    gate = machine.folder / "gate"
    log = install_go(machine, build_step=f"    while [ ! -e {gate} ]; do sleep 0.05; done\n{BUILD}")
    left = machine.cache / f"{cache.UNFINISHED}killed"
    left.mkdir(parents=True)
    first, second = start(log), start(log)
    assert not left.exists()
    gate.touch()
    paths = {process.communicate(timeout=30)[0] for process in (first, second)}
    assert paths == {f"{machine.cache / build.name() / 'bin' / 'pulumi'}\n"}
    assert sum(line.startswith("build ") for line in log.read_text().splitlines()) == 1


def test_a_damaged_engine_is_replaced(machine: Machine) -> None:
    """A cache that lost a file does not stay broken."""
    install_go(machine)
    engine = find_or_make()
    engine.path.unlink()
    assert find_or_make().path == engine.path
    assert sorted(path.name for path in machine.cache.iterdir()) == [".lock", build.name()]


def test_name_follows_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of a pin or of the host gives a new engine; files that are not built do not."""
    source = tmp_path / "go"
    source.mkdir()
    monkeypatch.setattr(build, "SOURCE", source)
    names = {build.name()}
    for file, text in (("go.mod", "x"), ("go.sum", "x"), ("main.go", "x"), ("main.go", "y"), ("installed.py", "y")):
        (source / file).write_text(text)
        names.add(build.name())
    assert len(names) == 6
    (source / "notes.txt").write_text("x")
    assert build.name() in names
    assert all(name.startswith(f"{VERSION}-") for name in names)


def test_go_mod_pins_the_version_that_is_said() -> None:
    """One version in the code, in go.mod for both modules, and in the binaries' own answer."""
    pins = (build.SOURCE / "go.mod").read_text()
    for module in ("pkg", "sdk"):
        assert f"github.com/pulumi/pulumi/{module}/v3 v{VERSION}" in pins


@pytest.mark.long
def test_the_real_build(engine: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this machine's engine is a build, building again into an empty cache gives it again."""
    about = engine.parent.parent / cache.ABOUT
    if not about.exists() or build.ORIGIN not in about.read_text():
        # the engine is the user's own or the release: taking it has built nothing
        assert not list(engine.parent.glob("LICENSE.pulumi"))
        return
    monkeypatch.undo()
    go_cache = subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=True).stdout.strip()
    monkeypatch.setenv("GOCACHE", go_cache)  # full since the first build; its default follows XDG_CACHE_HOME
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.folder / "cache"))
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    pins = [(build.SOURCE / name).read_bytes() for name in ("go.mod", "go.sum")]
    with cache.locked():
        again = build.build()
    assert again.path.is_relative_to(machine.cache)
    assert inspect(again.path, search="") == VERSION
    executor = "pulumi-language-python-exec"
    assert (again.folder / executor).read_bytes() == (engine.parent / executor).read_bytes()
    assert [(build.SOURCE / name).read_bytes() for name in ("go.mod", "go.sum")] == pins
