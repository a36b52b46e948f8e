"""The engine at work: a small program and a stock policy pack, run by the real CLI through the language host."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

VENV = ROOT / ".venv"

PROGRAM = """\
import pulumi

class Thing(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("test:index:Thing", name, {"size": 3})
        self.register_outputs({})

Thing("thing")
config = pulumi.Config()
print("printed by the program")
pulumi.export("greeting", config.require("greeting"))
pulumi.export("password", config.require_secret("password"))
pulumi.export("where", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
"""

PACK = """\
import json, os, pulumi
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def tell(args, report):
    if args.resource_type == "test:index:Thing":
        report("seen " + json.dumps({
            "project": pulumi.get_project(), "stack": pulumi.get_stack(), "organization": pulumi.get_organization(),
            "greeting": pulumi.Config("small").get("greeting"), "preview": pulumi.runtime.is_dry_run(),
            "folder": os.getcwd(), "size": args.props["size"],
        }))

PolicyPack("small", policies=[ResourceValidationPolicy("tell", "tells", tell, enforcement_level=LEVEL)])
"""

ADVISORY = "EnforcementLevel.ADVISORY"


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write a folder's files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def settings(**about: str) -> str:
    """Write a Pulumi.yaml or PulumiPolicy.yaml for Python in the checkout's environment (YAML reads JSON)."""
    runtime = {"name": "python", "options": {"virtualenv": str(VENV), "toolchain": "pip"}}
    return json.dumps({**about, "runtime": runtime})


def write_pack(folder: Path, *, level: str = "ADVISORY", files: dict[str, str] | None = None) -> Path:
    """Write a policy pack that tells what it sees."""
    code = {"__main__.py": PACK.replace("LEVEL", f"EnforcementLevel.{level}")} if files is None else files
    return write(folder, {"PulumiPolicy.yaml": settings(description="small"), **code})


class Project:
    """A project on stack dev, in a folder of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], program: str = PROGRAM) -> None:
        self.folder = write(folder, {"Pulumi.yaml": settings(name="small"), "__main__.py": program})
        self.environment = environment
        self.run("stack", "init", "dev")
        self.run("config", "set", "greeting", "hello")
        self.run("config", "set", "--secret", "password", "s3cret")

    def run(self, *arguments: str, expect: int | None = 0) -> str:
        """Run pulumi and return all it prints; None expects any failure."""
        done = subprocess.run(
            ["pulumi", "--non-interactive", "--color", "never", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == expect if expect is not None else done.returncode > 0, done.stdout
        return done.stdout

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        shown: dict[str, Any] = json.loads(self.run("stack", "output", "--json"))
        return shown


@pytest.fixture
def make_project(tmp_path: Path, pulumi_env: dict[str, str]) -> Callable[..., Project]:
    """Give a function that makes a project with a program."""

    def make(program: str = PROGRAM) -> Project:
        return Project(tmp_path / "project", pulumi_env, program)

    return make


def seen(output: str) -> list[dict[str, Any]]:
    """Return what the pack reported, in order."""
    return [json.loads(line.partition("seen ")[2]) for line in output.splitlines() if "seen {" in line]


def test_up_under_a_stock_pack(tmp_path: Path, make_project: Callable[..., Project]) -> None:
    """The pack sees project, stack, organisation and configuration, in preview and in the update; secrets stay so."""
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


def test_a_pack_that_is_a_package(tmp_path: Path, make_project: Callable[..., Project]) -> None:
    """Without a __main__.py at its root, the package that its pyproject.toml builds is run."""
    project = make_project()
    pyproject = '[project]\nname = "small-pack"\nversion = "1"\n[build-system]\nrequires = []\nbuild-backend = "x"\n'
    code = PACK.replace("LEVEL", ADVISORY)
    files = {"pyproject.toml": pyproject, "small_pack/__init__.py": "", "small_pack/__main__.py": code}
    pack = write_pack(tmp_path / "pack", files=files)
    (found,) = seen(project.run("preview", "--policy-pack", str(pack)))
    assert (found["project"], found["stack"], found["greeting"]) == ("small", "dev", "hello")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise ValueError('no such luck')", "ValueError: no such luck"),
        ("import pulumi\nraise pulumi.RunError('shown as it is')", "shown as it is"),
        ("import sys\nsys.exit(3)", "exit code: 3"),
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("def broken(:", "SyntaxError"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "rror"),
    ],
)
def test_a_failing_program_says_why(program: str, message: str, make_project: Callable[..., Project]) -> None:
    """The exit code is not 0, and the program's own message is shown once."""
    output = make_project(program).run("preview", expect=None)
    assert message in output
    assert output.partition("Diagnostics:")[2].count("Traceback (most recent call last)") <= 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"__main__.py": "raise ValueError('pack broke')"}, "ValueError: pack broke"),
        ({"__main__.py": "import sys\nsys.exit(0)"}, "pack"),
        ({}, "__main__.py"),
    ],
)
def test_a_pack_that_does_not_start_says_why(
    files: dict[str, str], message: str, tmp_path: Path, make_project: Callable[..., Project]
) -> None:
    """A broken pack stops the run with its own message."""
    pack = write_pack(tmp_path / "pack", files=files)
    assert message in make_project().run("preview", "--policy-pack", str(pack), expect=None)


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


def wheel(folder: Path, name: str, version: str) -> None:
    """Write a wheel with one module, named as its package."""
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")


def test_install_fills_the_virtual_environment(tmp_path: Path, pulumi_env: dict[str, str]) -> None:
    """`pulumi install` makes the environment that Pulumi.yaml names and installs requirements.txt into it."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name in ("tinydep", "setuptools", "wheel"):
        wheel(wheels, name, "99.0")
    runtime = {"name": "python", "options": {"virtualenv": "env", "toolchain": "pip"}}
    project = write(
        tmp_path / "project",
        {"Pulumi.yaml": json.dumps({"name": "small", "runtime": runtime}), "requirements.txt": "tinydep>=99\n"},
    )
    environment = pulumi_env | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    command = ["pulumi", "--non-interactive", "install"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = subprocess.run(
        [project / "env" / "bin" / "python", "-c", "import tinydep; print(tinydep.VERSION)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "99.0\n"

    (project / "requirements.txt").write_text("no-such-package-anywhere\n")
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no-such-package-anywhere" in done.stdout + done.stderr


TEMPLATE = f"""\
name: ${{PROJECT}}
description: ${{DESCRIPTION}}
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: {VENV}
"""


def test_new_copies_a_template(tmp_path: Path, pulumi_env: dict[str, str]) -> None:
    """`pulumi new` on a local template asks nothing of the network and keeps the template's runtime options."""
    template = write(
        tmp_path / "template",
        {"Pulumi.yaml": TEMPLATE, "__main__.py": PROGRAM},
    )
    done = subprocess.run(
        ["pulumi", "new", template, "--generate-only", "--yes", "--name", "copied", "--dir", tmp_path / "copy"],
        env=pulumi_env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    copied = (tmp_path / "copy" / "Pulumi.yaml").read_text()
    assert "copied" in copied
    assert "toolchain" in copied
    assert (tmp_path / "copy" / "__main__.py").read_text() == PROGRAM
