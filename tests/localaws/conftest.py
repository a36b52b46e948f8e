"""A local AWS for the tests of this folder, on a free port and with state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localaws.cloud import Cloud, command

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local AWS that all tests share."""
    local_dir = tmp_path_factory.mktemp("localcloud")
    started = command(local_dir, "start")
    assert started.returncode == 0, started.stderr
    yield Cloud(started.stdout.strip(), local_dir)
    command(local_dir, "stop")
