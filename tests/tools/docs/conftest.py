"""The page, and the previews of the reference stack, which are made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.docs.page import PAGE, all_previews

if TYPE_CHECKING:
    from tools.docs.configurations import Preview


@pytest.fixture(scope="session")
def previews() -> dict[str, Preview]:
    """Give the preview of every configuration."""
    return all_previews()


@pytest.fixture(scope="session")
def text() -> str:
    """Give the text of the page."""
    return PAGE.read_text()
