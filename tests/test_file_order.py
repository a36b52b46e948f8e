"""The files that are run first."""

from __future__ import annotations

from localcloud.checkout import ROOT
from tests.file_order import LONGEST_FIRST


def test_the_files_that_are_run_first_are_there() -> None:
    """A file that got another name keeps its place."""
    assert [name for name in LONGEST_FIRST if not (ROOT / name).exists()] == []
