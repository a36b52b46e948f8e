"""Read Python modules from the code archive of a function, one at a time and with limits on their size.

Nothing is extracted to disk, links out of the archive are not followed, and no code is run.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tokenize
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Final

from policypack.model.values import Archive, Asset

MAX_MODULE_SIZE: Final = 200_000
"""The largest module that is read, in bytes. Larger modules are usually generated code."""
MAX_ARCHIVE_SIZE: Final = 250 * 1024 * 1024
"""The largest zip file, in bytes. Source: AWS Lambda developer guide, "Lambda quotas", unzipped deployment package."""
_MAX_ENTRIES: Final = 50_000
_MAX_COMPRESSION_RATIO: Final = 200  # uncompressed bytes per compressed byte; source code stays far below


class UnreadableCodeError(Exception):
    """The code cannot be read. The message says which file and why."""


class UnavailableCodeError(Exception):
    """The code exists, but its location is not known: the path is relative to the folder of the program."""


class CodeArchive:
    """Reads files of an archive by their path in it.

    A path that is relative to the program is used only if the hash from the engine confirms the file. Without a hash
    (outside the engine) paths are relative to the current folder of this process.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._zips: dict[str, tuple[zipfile.ZipFile, frozenset[str]]] = {}

    def read(self, path: str) -> str | None:
        """The text of a file. None if there is no such file. Raises `UnreadableCodeError`, `UnavailableCodeError`."""
        try:
            data = self._read_archive(self._archive, path)
            return None if data is None else _decode(data, path)
        except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
            raise UnreadableCodeError(f"{path}: {error}") from error

    def close(self) -> None:
        """Close all open files."""
        for opened, _ in self._zips.values():
            opened.close()

    def _read_archive(self, archive: Archive, path: str) -> bytes | None:
        if archive.assets:
            return self._read_from_assets(archive.assets, path)
        if not archive.path:
            raise UnreadableCodeError("the archive is not on this machine")
        location = _located(archive.path)
        if location.is_file():
            return self._read_from_zip(_verified(location, archive.path, archive.hash), path)
        if archive.hash and not Path(archive.path).is_absolute():
            raise UnavailableCodeError(f"{location} is relative to the program")
        return _read_from_folder(location, path)

    def _read_from_assets(self, assets: dict[str, object], path: str) -> bytes | None:
        for name, item in assets.items():
            key = name.removeprefix("./").rstrip("/")
            if isinstance(item, Asset) and key == path:
                return _asset_content(item)
            if isinstance(item, Archive):
                if key in {"", "."}:
                    inner = path
                elif path.startswith(f"{key}/"):
                    inner = path[len(key) + 1 :]
                else:
                    continue
                if (found := self._read_archive(item, inner)) is not None:
                    return found
            elif not isinstance(item, Asset):
                raise UnreadableCodeError(f"{name} is not known yet")
        return None

    def _read_from_zip(self, location: Path, path: str) -> bytes | None:
        opened, names = self._open_zip(location)
        if path not in names:
            return None
        info = opened.getinfo(path)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnreadableCodeError(f"{path} is a link")
        if info.file_size > MAX_MODULE_SIZE or info.file_size > _MAX_COMPRESSION_RATIO * max(info.compress_size, 1):
            raise UnreadableCodeError(f"{path} is too large")
        with opened.open(info) as file:
            return _check_size(file.read(MAX_MODULE_SIZE + 1), path)

    def _open_zip(self, location: Path) -> tuple[zipfile.ZipFile, frozenset[str]]:
        if str(location) not in self._zips:
            if location.stat().st_size > MAX_ARCHIVE_SIZE:
                raise UnreadableCodeError(f"{location.name} is too large")
            opened = zipfile.ZipFile(location)
            names = opened.namelist()
            self._zips[str(location)] = opened, frozenset(names)
            if len(names) > _MAX_ENTRIES:
                raise UnreadableCodeError(f"{location.name} has too many files")
        return self._zips[str(location)]


def _located(path: str) -> Path:
    """The path of a file or folder: in the current folder, or in the folder from which the engine was started (PWD)."""
    outside = Path(os.environ.get("PWD", ""), path)
    return outside if outside.is_file() and not Path(path).exists() else Path(path)


def _verified(location: Path, path: str, digest: str) -> Path:
    """The path, after checking that it is certainly the file of the program. Raises `UnavailableCodeError`."""
    if location != Path(path) and not digest:
        raise UnavailableCodeError(f"{path} is relative to the program")
    if digest and not Path(path).is_absolute():
        with location.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise UnavailableCodeError(f"{location} is relative to the program")
    return location


def _asset_content(asset: Asset) -> bytes:
    if asset.text or not (asset.path or asset.uri):
        return _check_size(str.__str__(asset.text).encode(errors="surrogatepass"), "the text")
    if not asset.path:
        raise UnreadableCodeError(f"{asset.uri} is not on this machine")
    location = _located(asset.path)
    if not location.is_file():
        raise UnavailableCodeError(f"{location} is relative to the program or does not exist")
    if location.stat().st_size > MAX_MODULE_SIZE:
        raise UnreadableCodeError(f"{location.name} is too large")
    return _check_size(_verified(location, asset.path, asset.hash).read_bytes(), location.name)


def _read_from_folder(folder: Path, path: str) -> bytes | None:
    root = folder.resolve()
    if not root.is_dir():
        raise UnavailableCodeError(f"{folder} is relative to the program or does not exist")
    location = root / path
    if not location.exists():
        return None
    if not location.resolve().is_relative_to(root):
        raise UnreadableCodeError(f"{path} is outside the archive")
    if not location.is_file():
        return None
    descriptor = os.open(location, os.O_RDONLY | os.O_NONBLOCK)  # opening a pipe must not block
    with os.fdopen(descriptor, "rb") as file:
        return _check_size(file.read(MAX_MODULE_SIZE + 1), path)


def _check_size(data: bytes, path: str) -> bytes:
    if len(data) > MAX_MODULE_SIZE:
        raise UnreadableCodeError(f"{path} is too large")
    return data


def _decode(data: bytes, path: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, LookupError, UnicodeDecodeError) as error:
        raise UnreadableCodeError(f"{path}: {error}") from error
