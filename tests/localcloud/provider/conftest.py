"""Providers for the tests of this folder: one without an AWS, one with a local AWS of the tests' own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import ROOT
from tests.localcloud.provider.fault_injection import Faults
from tests.localcloud.provider.provider_client import ProviderClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def offline() -> Iterator[ProviderClient]:
    """Give a provider that has no AWS to talk to, as in a preview."""
    caller = ProviderClient({"AWS_REGION": "eu-west-1"})
    caller.configure()
    yield caller
    caller.close()


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a local AWS and give its URL."""
    folder = tmp_path_factory.mktemp("aws")
    yield control(folder, "start")
    control(folder, "stop")


@pytest.fixture(scope="session")
def aws(local_aws: str) -> Iterator[ProviderClient]:
    """Give a provider that deploys to the local AWS."""
    caller = ProviderClient({"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": local_aws})
    caller.configure()
    yield caller
    caller.close()


@pytest.fixture
def fault(local_aws: str) -> Iterator[Faults]:
    """Give the fault injection; all faults are removed at the end."""
    faults = Faults(local_aws)
    yield faults
    faults.end()


def control(folder: Path, command: str) -> str:
    """Start or stop a local AWS whose state is in a folder; return its output: the URL on start."""
    environ = {"PATH": os.environ["PATH"], "POLICYPACK_LOCAL_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "localcloud.aws", command],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.strip()
