"""Generated files say what the code says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools import generated

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_files_are_up_to_date() -> None:
    """Whoever changes what they are made from runs `make docs`."""
    assert generated.main(["--check"]) == 0


def test_a_file_that_is_out_of_date_is_named_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` changes nothing; without it, the file is made."""
    stale = tmp_path / "stale.json"
    stale.write_text("old")
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    monkeypatch.setattr(generated, "files", lambda: {stale: "new"})
    assert generated.main(["--check"]) == 1
    assert capsys.readouterr().err == "error: stale.json is out of date\n       make docs\n"
    assert stale.read_text() == "old"
    assert generated.main([]) == 0
    assert stale.read_text() == "new"
    assert generated.main(["--check"]) == 0
