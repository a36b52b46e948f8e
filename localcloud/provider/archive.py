"""The bytes of Pulumi's assets and archives: reproducible zip files, and single files."""

from __future__ import annotations

import io
import posixpath
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.provider.wire import Asset

STAMP = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold."""


class RemoteAssetError(Exception):
    """An asset on another machine."""


def content(asset: Asset) -> bytes:
    """Return the content of a file. Raises RemoteAssetError for a URL other than file://."""
    if "text" in asset.fields:
        return str(asset.fields["text"]).encode()
    return _path(asset).read_bytes()


def zipped(archive: Asset) -> bytes:
    """Return an archive as a zip file: members sorted and without timestamps. A zip file is returned unchanged."""
    if archive.kind == "archive" and "assets" not in archive.fields:
        path = _path(archive)
        if path.is_file() and path.suffix == ".zip":
            return path.read_bytes()
    members = dict(_members(archive, ""))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, STAMP)
            info.external_attr = 0o755 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, members[name])
    return buffer.getvalue()


def _members(asset: Asset, prefix: str) -> Iterator[tuple[str, bytes]]:
    if asset.kind == "asset":
        yield prefix, content(asset)
    elif "assets" in asset.fields:
        for name, inner in asset.fields["assets"].items():
            yield from _members(inner, posixpath.normpath(f"{prefix}/{name}" if prefix else name))
    else:
        for name, data in _files(_path(asset)):
            yield posixpath.normpath(f"{prefix}/{name}" if prefix else name), data


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for each in sorted(path.rglob("*")):
            if each.is_file():
                yield each.relative_to(path).as_posix(), each.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as inner:
            for name in inner.namelist():
                if not name.endswith("/"):
                    yield name, inner.read(name)
    else:
        with tarfile.open(path) as inner_tar:
            for member in inner_tar:
                data: Any = inner_tar.extractfile(member)
                if data is not None:
                    yield member.name, data.read()


def _path(asset: Asset) -> Path:
    if "path" in asset.fields:
        return Path(str(asset.fields["path"]))
    url = urlsplit(str(asset.fields.get("uri", "")))
    if url.scheme != "file":
        raise RemoteAssetError(f"the local provider fetches nothing: use a file instead of {asset.fields.get('uri')}")
    return Path(url2pathname(url.path))
