"""Archives as zips: the same bytes for the same content, whatever form it comes in."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from localcloud.provider import archive
from localcloud.provider.wire import Asset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with two files."""
    root = tmp_path / "code"
    (root / "inner").mkdir(parents=True)
    (root / "b.py").write_text("b")
    (root / "inner" / "a.py").write_text("a")
    return root


def names(data: bytes) -> dict[str, bytes]:
    """Return a zip's members."""
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        return {name: read.read(name) for name in read.namelist()}


def test_folders_give_the_same_bytes_twice(folder: Path) -> None:
    """Times of files do not matter."""
    first = archive.zipped(Asset("archive", {"path": str(folder)}))
    os.utime(folder / "b.py", (1, 1))
    assert archive.zipped(Asset("archive", {"path": str(folder)})) == first
    assert names(first) == {"b.py": b"b", "inner/a.py": b"a"}


def test_members_of_all_kinds(folder: Path, tmp_path: Path) -> None:
    """Texts, files, folders, zips and tars, nested."""
    packed, tarred = tmp_path / "p.zip", tmp_path / "t.tar.gz"
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("z.txt", "z")
    with tarfile.open(tarred, "w:gz") as out_tar:
        out_tar.add(folder / "b.py", "t.py")
    members = {
        "text.txt": Asset("asset", {"text": "hello"}),
        "one.py": Asset("asset", {"path": str(folder / "b.py")}),
        "url.py": Asset("asset", {"uri": (folder / "b.py").as_uri()}),
        "all": Asset("archive", {"path": str(folder)}),
        ".": Asset("archive", {"path": str(folder / "inner")}),
        "zip": Asset("archive", {"path": str(packed)}),
        "tar": Asset("archive", {"path": str(tarred)}),
        "deep": Asset("archive", {"assets": {"x": Asset("asset", {"text": "x"})}}),
    }
    assert names(archive.zipped(Asset("archive", {"assets": members}))) == {
        "a.py": b"a",
        "all/b.py": b"b",
        "all/inner/a.py": b"a",
        "deep/x": b"x",
        "one.py": b"b",
        "tar/t.py": b"b",
        "text.txt": b"hello",
        "url.py": b"b",
        "zip/z.txt": b"z",
    }


def test_a_zip_stays_as_it_is(tmp_path: Path) -> None:
    """What was built is what is deployed."""
    packed = tmp_path / "p.zip"
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("z.txt", "z")
    assert archive.zipped(Asset("archive", {"path": str(packed)})) == packed.read_bytes()


def test_nothing_is_fetched() -> None:
    """A URL of another machine is refused."""
    with pytest.raises(archive.RemoteAssetError, match="fetches nothing"):
        archive.zipped(Asset("archive", {"uri": "https://example.com/a.zip"}))
