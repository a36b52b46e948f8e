"""What the tests of the documentation share: the page, and the program's stacks, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.docs.page import PAGE, everything

if TYPE_CHECKING:
    from tools.docs.stacks import Deployed


@pytest.fixture(scope="session")
def stacks() -> dict[str, Deployed]:
    """Give the stack of every configuration."""
    return everything()


@pytest.fixture(scope="session")
def text() -> str:
    """Give the page."""
    return PAGE.read_text()
