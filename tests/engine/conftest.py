"""The machine that the finder's tests run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.machine import Machine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Give a machine with nothing on it."""
    return Machine(tmp_path, monkeypatch)
