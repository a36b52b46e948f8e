"""The engine's commands that lean on the language host, beside runs: install and new."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from typing import TYPE_CHECKING

from tests.localcloud.engine.small_projects import PROGRAM, VENV, write

if TYPE_CHECKING:
    from pathlib import Path


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
