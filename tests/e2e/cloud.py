"""A local cloud for one test module, and copies of the reference stack that are deployed to it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from localcloud.checkout import PYTHON, REGION, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROJECT: Final = "decoupled-ai"
"""The project name of a copy. The checkout's own name differs if it was made from the template."""
_NAME: Final = re.compile("^name: (.*)$", re.MULTILINE)


def name_here() -> str:
    """The project name of this checkout."""
    found: list[str] = _NAME.findall((ROOT / "Pulumi.yaml").read_text())
    return found[0]


BATCHES: Final = 4
"""Concurrent batches of one event source mapping: every further process of a function takes time to start."""


@cache
def _client(port: int, service: str) -> Any:
    """Cached: making a client takes longer than most requests."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    url, config = f"http://127.0.0.1:{port}", Config(s3={"addressing_style": "path"})
    client: Any = session.client(service, endpoint_url=url, config=config)  # type: ignore[call-overload] # any service
    return client


@dataclass(frozen=True)
class Cloud:
    """Runs the commands behind `make`, with state, engine home and local AWS in `folder`."""

    folder: Path
    engine: Path

    @property
    def environment(self) -> dict[str, str]:
        """A caller's environment: no pulumi settings, no credentials, the engine on PATH."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "AWS_", "POLICYPACK_"))
        }
        path = os.pathsep.join([str(self.engine.parent), kept["PATH"]])
        return kept | {"POLICYPACK_LOCAL_DIR": str(self.folder), "PATH": path, "NO_COLOR": "1"}

    def command(self, *words: str) -> list[str]:
        """The command behind `make up`, `make demo` and the others."""
        return [str(PYTHON), "-m", "localcloud", *words]

    def run(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; stderr goes with stdout, as on a terminal."""
        return subprocess.run(
            self.command(*words),
            cwd=ROOT,
            env=self.environment | extra,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a shell script in which `localcloud env` has been evaluated."""
        record = self.folder / "aws" / "server.json"
        taken_over = _taken_over(self, record.read_text() if record.exists() else "")
        return subprocess.run(
            ["/bin/bash", "-ec", f"{taken_over}\n{script}"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )

    @property
    def server(self) -> dict[str, Any]:
        """The record of the running local AWS: its port and process."""
        found: dict[str, Any] = json.loads((self.folder / "aws" / "server.json").read_text())
        return found

    def client(self, service: str) -> Any:
        """A boto3 client of the local AWS."""
        return _client(int(self.server["port"]), service)

    def control(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """Call the control API of the local AWS, at `/_localcloud/`."""
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.server['port']}/_localcloud/{path}"
        with urlopen(Request(url, data=data, method=method), timeout=30) as answer:
            return json.load(answer)

    def start(self) -> None:
        """Start the local AWS unless it runs, with no more function processes than this machine can use."""
        subprocess.run(
            [str(PYTHON), "-m", "localcloud.aws", "start"],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            timeout=60,
        )
        self.control("settings", {"parallel_batches": BATCHES})

    def stop(self) -> None:
        """Stop the local AWS, whatever is deployed to it."""
        subprocess.run(
            [str(PYTHON), "-m", "localcloud.aws", "stop"], cwd=ROOT, env=self.environment, check=True, timeout=60
        )


@cache
def _taken_over(cloud: Cloud, _server: str) -> str:
    """What `eval "$(make -s env)"` runs in a shell: asked for once for each local AWS, and once without any."""
    command, environment = cloud.command("env"), cloud.environment
    return subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


class Copy:
    """The reference stack, copied to a folder where its code and its configuration may be changed.

    It is deployed to a local cloud by the real CLI, as stack `local`, under the pack of this checkout.
    """

    def __init__(self, cloud: Cloud, folder: Path, project: str = PROJECT) -> None:
        self.cloud, self.folder, self.project = cloud, folder, project
        for name in ("reference_stack", "lambda_src"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".build"))
        settings = (ROOT / "Pulumi.yaml").read_text().replace("virtualenv: .venv", f"virtualenv: {ROOT / '.venv'}")
        (folder / "Pulumi.yaml").write_text(_NAME.sub(f"name: {project}", settings))

    def configure(self, **settings: str) -> None:
        """Set the stack's configuration: these values and no others."""
        values = {f"{self.project}:{key}": value for key, value in settings.items()}
        (self.folder / "Pulumi.local.yaml").write_text(json.dumps({"config": values}))

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a shell script in the folder, after the stack is created."""
        # The environment brings the stack of the checkout's own project.
        made = "" if self.project == name_here() else "pulumi stack select local --create >/dev/null 2>&1\n"
        return self.cloud.shell(f"cd {self.folder}\n{made}{script}")

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI on the stack; stderr goes with stdout, as on a terminal."""
        return self.shell(f"pulumi {' '.join(words)} --stack local")

    def up(self, *, pack: bool = True, **settings: str) -> str:
        """Deploy with this configuration, and return the engine's output; it has to succeed.

        pack: under the policy pack, which tests of what the deployed stack does can do without.
        """
        self.configure(**settings)
        done = self.pulumi("up", "--yes", "--skip-preview", *(["--policy-pack", str(ROOT)] if pack else []))
        assert done.returncode == 0, done.stdout
        return done.stdout

    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        done = self.pulumi("stack", "output", "--json", "2>/dev/null")
        assert done.returncode == 0, done.stdout
        found: dict[str, str] = json.loads(done.stdout)
        return found

    def destroy(self) -> str:
        """Destroy everything, and return the engine's output; it has to succeed."""
        done = self.pulumi("destroy", "--yes", "--skip-preview")
        assert done.returncode == 0, done.stdout
        return done.stdout
