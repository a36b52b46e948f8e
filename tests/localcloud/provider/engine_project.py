"""A copy of a Pulumi program, run by the real engine against the local AWS."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud.checkout import PYTHON
from localcloud.provider import install

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = Path(__file__).with_name("all_types")


@dataclass(frozen=True)
class Resource:
    """One resource of an exported stack."""

    token: str
    urn: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]

    @property
    def name(self) -> str:
        """Its logical name."""
        return self.urn.rsplit("::", 1)[-1]


class Project:
    """A copy of a program, and the real engine to run it with."""

    def __init__(self, folder: Path, environ: Mapping[str, str], program: Path = PROGRAM) -> None:
        self.folder, self.environ = folder / program.name, dict(environ)
        shutil.copytree(program, self.folder)
        options = {"toolchain": "pip", "virtualenv": str(PYTHON.parent.parent)}
        settings = {"name": program.name, "runtime": {"name": "python", "options": options}}
        (self.folder / "Pulumi.yaml").write_text(json.dumps(settings))
        install(Path(self.environ["PULUMI_HOME"]))
        self.run("stack", "init", "test")

    def run(self, *command: str, environ: Mapping[str, str] | None = None, works: bool = True) -> str:
        """Run the engine and return its output. It must succeed or, with works=False, fail."""
        done = subprocess.run(
            ["pulumi", *command, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=self.environ if environ is None else dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode == 0) == works, done.stdout
        return done.stdout

    def up(self, *more: str) -> str:
        """Deploy."""
        return self.run("up", "--yes", "--skip-preview", *more)

    def refresh(self, *more: str) -> str:
        """Refresh the state from AWS."""
        return self.run("refresh", "--yes", "--skip-preview", *more)

    def text(self) -> str:
        """Export the stack, secrets encrypted."""
        return self.run("stack", "export")

    def resources(self) -> list[Resource]:
        """Return the stack's AWS resources."""
        state = json.loads(self.run("stack", "export", "--show-secrets"))
        return [
            Resource(each["type"], each["urn"], each["id"], _clear(each["inputs"]), _clear(each["outputs"]))
            for each in state["deployment"].get("resources", [])
            if each["type"].startswith("aws:")
        ]


def _clear(value: Any) -> Any:
    """Replace secrets by their plain values."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return json.loads(value["plaintext"])
        return {key: _clear(each) for key, each in value.items()}
    return [_clear(each) for each in value] if isinstance(value, list) else value
