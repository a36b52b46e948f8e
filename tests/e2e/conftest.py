"""One local cloud for all tests of this folder, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from localcloud.checkout import PYTHON, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Cloud:
    """Runs what `make` runs, with state, engine home and local AWS in `folder`."""

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
        """Run a user's shell that has taken over the environment."""
        take_over = f'eval "$({PYTHON} -m localcloud env)"'
        return subprocess.run(
            ["/bin/bash", "-ec", f"{take_over}\n{script}"],
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
        """What is recorded of the running local AWS."""
        found: dict[str, Any] = json.loads((self.folder / "aws" / "server.json").read_text())
        return found

    def client(self, service: str) -> Any:
        """A boto3 client of the local AWS."""
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")
        client: Any = session.client(service, endpoint_url=f"http://127.0.0.1:{self.server['port']}")  # type: ignore[call-overload] # any service
        return client


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, engine: str | Path) -> Iterator[Cloud]:
    """A local cloud that is taken down at the end, whatever happened."""
    from pathlib import Path as RealPath  # noqa: PLC0415 - the fixture of the engine may be text

    made = Cloud(tmp_path_factory.mktemp("local"), RealPath(engine))
    yield made
    made.run("down")
    subprocess.run([*made.command()[:1], "-m", "localcloud.aws", "stop"], cwd=ROOT, env=made.environment, check=False)
