"""Small Pulumi projects and policy packs, run with the real CLI."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from localcloud.checkout import ROOT

if TYPE_CHECKING:
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
    """Write a policy pack that reports the arguments it receives."""
    code = {"__main__.py": PACK.replace("LEVEL", f"EnforcementLevel.{level}")} if files is None else files
    return write(folder, {"PulumiPolicy.yaml": settings(description="small"), **code})


class Project:
    """A project on stack dev, in a folder of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], program: str = PROGRAM) -> None:
        self.folder = write(folder, {"Pulumi.yaml": settings(name="small"), "__main__.py": program})
        self.environment = environment
        self.run("stack", "init", "dev")
        self.run("config", "set-all", "--plaintext", "greeting=hello", "--secret", "password=s3cret")

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
