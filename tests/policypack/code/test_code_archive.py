"""Reading code from zip files, folders and nested archives, with size limits and without leaving the archive."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from policypack.code.aws_calls import find_aws_calls
from policypack.code.code_archive import MAX_MODULE_SIZE, CodeArchive
from policypack.model.values import Archive, Asset
from tests.policypack.code.analysis import analyze_archive, analyze_modules, is_unavailable, operations_of

if TYPE_CHECKING:
    from pathlib import Path


def zipped(path: Path, text: str, name: str = "handler.py") -> Archive:
    """Write a zip file with one module."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, text)
    return Archive(path=str(path))


def test_zip_files_and_nested_archives(tmp_path: Path) -> None:
    """The modules in both are analyzed."""
    archive = zipped(tmp_path / "code.zip", "import boto3\nboto3.client('sns').publish()")
    assert operations_of(analyze_archive(archive)) == {"sns.publish"}
    assert operations_of(analyze_archive(Archive(assets={".": archive, "other": Archive(path=str(tmp_path))}))) == {
        "sns.publish"
    }


@pytest.mark.parametrize("text", ["#" * (MAX_MODULE_SIZE + 1), "x = 1\n" * 50_000])
def test_large_modules_are_not_read(tmp_path: Path, text: str) -> None:
    """In a zip file (also one with a high compression ratio), in a folder, and as text or path of an asset."""
    (tmp_path / "handler.py").write_text(text)
    archives = [
        zipped(tmp_path / "code.zip", text),
        Archive(path=str(tmp_path)),
        Archive(assets={"handler.py": Asset(text=text)}),
        Archive(assets={"handler.py": Asset(path=str(tmp_path / "handler.py"))}),
    ]
    for archive in archives:
        assert "too large" in analyze_archive(archive).unresolved


def test_large_programs_are_not_analyzed() -> None:
    """The analysis has a limit on the size of the program, so that a run stays fast."""
    assert (
        "too much code"
        in analyze_modules(handler="import a\n" + "f(1, 2, 3)\n" * 9000, a="f(1, 2, 3)\n" * 9000).unresolved
    )


def test_nothing_outside_the_archive_is_read(tmp_path: Path) -> None:
    """Neither through a symbolic link nor through the name of the handler."""
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.py").write_text("import boto3\nboto3.client('sns').publish()")
    (inside / "handler.py").symlink_to(tmp_path / "secret.py")
    assert "is outside the archive" in analyze_archive(Archive(path=str(inside))).unresolved
    (inside / "a").mkdir()
    calls = find_aws_calls(CodeArchive(Archive(path=str(inside))), "a/../../secret.handle")
    assert calls is not None
    assert (calls.operations, calls.unresolved == "") == ({}, False)


@pytest.mark.parametrize("data", [b"PK\x03\x04 not a zip", b"", b"\xff\xfe\x00"])
def test_a_corrupt_file_is_unresolved(tmp_path: Path, data: bytes) -> None:
    """A corrupt zip file and a corrupt module."""
    broken = tmp_path / "broken"
    broken.write_bytes(data)
    assert analyze_archive(Archive(path=str(broken))).unresolved
    (tmp_path / "handler.py").write_bytes(b"\xff\xfe\x00" + data)
    assert analyze_archive(Archive(path=str(tmp_path))).unresolved


def test_a_relative_path_is_used_only_if_its_hash_matches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program runs in another folder than the pack. The hash from the engine confirms that the file is the same."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "handler.py").write_text("import boto3\nboto3.client('sns').publish()")
    monkeypatch.chdir(tmp_path)
    assert operations_of(analyze_archive(Archive(path="app"))) == {"sns.publish"}
    assert is_unavailable(Archive(path="app", hash="0" * 64))
    asset = Asset(path="app/handler.py", hash="0" * 64)
    assert is_unavailable(Archive(assets={"handler.py": asset}))
    assert is_unavailable(Archive(path="elsewhere"))
    right = hashlib.sha256((tmp_path / "app" / "handler.py").read_bytes()).hexdigest()
    monkeypatch.chdir("/")
    monkeypatch.setenv("PWD", str(tmp_path))
    asset = Asset(path="app/handler.py", hash=right)
    assert operations_of(analyze_archive(Archive(assets={"handler.py": asset}))) == {"sns.publish"}
