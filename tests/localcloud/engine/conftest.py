"""The machine that the finder's tests run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localcloud.engine.fake_machine import Machine
from tests.localcloud.engine.small_projects import PROGRAM, Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Give a machine with nothing on it."""
    return Machine(tmp_path, monkeypatch)


@pytest.fixture
def make_project(tmp_path: Path, pulumi_env: dict[str, str]) -> Callable[..., Project]:
    """Give a function that makes a project with a program."""

    def make(program: str = PROGRAM) -> Project:
        return Project(tmp_path / "project", pulumi_env, program)

    return make
