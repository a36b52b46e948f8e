"""One local cloud for all tests of a module, in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.cloud import Cloud, Copy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, engine: Path) -> Iterator[Cloud]:
    """A local cloud that is destroyed and stopped at the end, whatever happens."""
    made = Cloud(tmp_path_factory.mktemp("local"), engine)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def copy(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the reference stack in a folder of its own, and a running local AWS to deploy it to."""
    cloud.start()
    return Copy(cloud, tmp_path_factory.mktemp("project"))
