"""The real engine, with the provider of the local cloud, for the tests of the pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import ROOT
from localcloud.provider import install
from policypack.host.analyzer import Analyzer
from tests.localcloud.aws.cloud import Cloud, command
from tests.localcloud.engine.small_projects import Project
from tests.policypack.host.calls import CONTEXT, TODAY, begin
from tests.policypack.host.rules import PACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local AWS that all tests share."""
    folder = tmp_path_factory.mktemp("localcloud")
    started = command(folder, "start")
    assert started.returncode == 0, started.stderr
    yield Cloud(started.stdout.strip(), folder)
    command(folder, "stop")


@pytest.fixture
def project(pulumi_env: dict[str, str], tmp_path: Path) -> Callable[..., Project]:
    """Make a project of this program; `**extra` goes into its environment."""

    def make(program: str, **extra: str) -> Project:
        environment = pulumi_env | {"PYTHONPATH": str(ROOT)} | extra
        install(tmp_path / "pulumi")
        return Project(tmp_path / "project", environment, program)

    return make


@pytest.fixture
def analyzer() -> Analyzer:
    """An analyzer in a preview."""
    made = Analyzer(PACK, TODAY)
    made.ConfigureStack(begin(), CONTEXT)
    return made
