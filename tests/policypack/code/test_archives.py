"""How the code of an archive is read: little of it, nothing beside it, and never in vain."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from policypack.code.aws_calls import find_aws_calls
from policypack.code.code_archive import MAX_MODULE_SIZE, CodeArchive
from policypack.model.values import Archive, Asset
from tests.policypack.code.reading import at, called, of, out_of_reach

if TYPE_CHECKING:
    from pathlib import Path


def zipped(path: Path, text: str, name: str = "handler.py") -> Archive:
    """Write a zip file of one module."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, text)
    return Archive(path=str(path))


def test_a_zip_file_and_an_archive_in_an_archive(tmp_path: Path) -> None:
    """Both are looked into."""
    archive = zipped(tmp_path / "code.zip", "import boto3\nboto3.client('sns').publish()")
    assert called(at(archive)) == {"sns.publish"}
    assert called(at(Archive(assets={".": archive, "other": Archive(path=str(tmp_path))}))) == {"sns.publish"}


@pytest.mark.parametrize("text", ["#" * (MAX_MODULE_SIZE + 1), "x = 1\n" * 50_000])
def test_what_is_huge_is_left_alone(tmp_path: Path, text: str) -> None:
    """In a zip, which may unpack to far more than it is; in a folder; in the program."""
    (tmp_path / "handler.py").write_text(text)
    archives = [
        zipped(tmp_path / "code.zip", text),
        Archive(path=str(tmp_path)),
        Archive(assets={"handler.py": Asset(text=text)}),
        Archive(assets={"handler.py": Asset(path=str(tmp_path / "handler.py"))}),
    ]
    for archive in archives:
        assert "too large" in at(archive).unresolved


def test_much_code_is_left_alone() -> None:
    """So that no run waits for it."""
    assert "too much code" in of(handler="import a\n" + "f(1, 2, 3)\n" * 9000, a="f(1, 2, 3)\n" * 9000).unresolved


def test_nothing_outside_the_archive_is_read(tmp_path: Path) -> None:
    """Neither by a link nor by a handler's name."""
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.py").write_text("import boto3\nboto3.client('sns').publish()")
    (inside / "handler.py").symlink_to(tmp_path / "secret.py")
    assert "out of the archive" in at(Archive(path=str(inside))).unresolved
    (inside / "a").mkdir()
    calls = find_aws_calls(CodeArchive(Archive(path=str(inside))), "a/../../secret.handle")
    assert calls is not None
    assert (calls.operations, calls.unresolved == "") == ({}, False)


@pytest.mark.parametrize("data", [b"PK\x03\x04 not a zip", b"", b"\xff\xfe\x00"])
def test_a_broken_file_is_left_open(tmp_path: Path, data: bytes) -> None:
    """As a zip, and as a module."""
    broken = tmp_path / "broken"
    broken.write_bytes(data)
    assert at(Archive(path=str(broken))).unresolved
    (tmp_path / "handler.py").write_bytes(b"\xff\xfe\x00" + data)
    assert at(Archive(path=str(tmp_path))).unresolved


def test_a_relative_path_counts_only_where_it_is_certain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's hash tells whether the file is the program's; it is in another folder than the pack."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "handler.py").write_text("import boto3\nboto3.client('sns').publish()")
    monkeypatch.chdir(tmp_path)
    assert called(at(Archive(path="app"))) == {"sns.publish"}
    assert out_of_reach(Archive(path="app", hash="0" * 64))
    asset = Asset(path="app/handler.py", hash="0" * 64)
    assert out_of_reach(Archive(assets={"handler.py": asset}))
    assert out_of_reach(Archive(path="elsewhere"))
    right = hashlib.sha256((tmp_path / "app" / "handler.py").read_bytes()).hexdigest()
    monkeypatch.chdir("/")
    monkeypatch.setenv("PWD", str(tmp_path))
    asset = Asset(path="app/handler.py", hash=right)
    assert called(at(Archive(assets={"handler.py": asset}))) == {"sns.publish"}
