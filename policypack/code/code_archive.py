"""The Python modules of an archive, read one by one as they are asked for, and never more than a little.

Nothing is unpacked, nothing outside the archive is followed, nothing is run.
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
"""Bytes of one module: generated code beyond that says little of what is called."""
MAX_ARCHIVE_SIZE: Final = 250 * 1024 * 1024
"""Bytes of a zip file: AWS Lambda developer guide, "Lambda quotas", the size of a package unzipped."""
_MAX_ENTRIES: Final = 50_000
_MAX_COMPRESSION_RATIO: Final = 200  # bytes unpacked for each packed one: source text does not get near


class UnreadableCodeError(Exception):
    """The code cannot be read: where, and why."""


class UnavailableCodeError(Exception):
    """The code is somewhere, but the pack is not told where: paths are relative to a program in another folder."""


class CodeArchive:
    """The files of an archive by their path in it. `read` gives None where there is no such file.

    Paths relative to the program are taken where the hash, which the engine makes, shows that the right file was found;
    without one (outside an engine) they are relative to this process.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._zips: dict[str, tuple[zipfile.ZipFile, frozenset[str]]] = {}

    def read(self, path: str) -> str | None:
        """The text of a module. Raises `UnreadableError` and `OutOfReachError`."""
        try:
            data = self._read_archive(self._archive, path)
            return None if data is None else _decode(data, path)
        except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
            raise UnreadableCodeError(f"{path}: {error}") from error

    def close(self) -> None:
        """Let go of the files."""
        for opened, _ in self._zips.values():
            opened.close()

    def _read_archive(self, archive: Archive, path: str) -> bytes | None:
        if archive.assets:
            return self._read_from_assets(archive.assets, path)
        if not archive.path:
            raise UnreadableCodeError("the archive is not here")
        place = _located(archive.path)
        if place.is_file():
            return self._read_from_zip(_verified(place, archive.path, archive.hash), path)
        if archive.hash and not Path(archive.path).is_absolute():
            raise UnavailableCodeError(f"{place} is relative to the program")
        return _read_from_folder(place, path)

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

    def _read_from_zip(self, place: Path, path: str) -> bytes | None:
        opened, names = self._open_zip(place)
        if path not in names:
            return None
        info = opened.getinfo(path)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnreadableCodeError(f"{path} is a link")
        if info.file_size > MAX_MODULE_SIZE or info.file_size > _MAX_COMPRESSION_RATIO * max(info.compress_size, 1):
            raise UnreadableCodeError(f"{path} is too large")
        with opened.open(info) as file:
            return _check_size(file.read(MAX_MODULE_SIZE + 1), path)

    def _open_zip(self, place: Path) -> tuple[zipfile.ZipFile, frozenset[str]]:
        if str(place) not in self._zips:
            if place.stat().st_size > MAX_ARCHIVE_SIZE:
                raise UnreadableCodeError(f"{place.name} is too large")
            opened = zipfile.ZipFile(place)
            names = opened.namelist()
            self._zips[str(place)] = opened, frozenset(names)
            if len(names) > _MAX_ENTRIES:
                raise UnreadableCodeError(f"{place.name} has too many files")
        return self._zips[str(place)]


def _located(path: str) -> Path:
    """Where a file or folder is: here, or in the folder that the engine was called from, as the shell has told it."""
    outside = Path(os.environ.get("PWD", ""), path)
    return outside if outside.is_file() and not Path(path).exists() else Path(path)


def _verified(place: Path, path: str, digest: str) -> Path:
    """The file, if it is certainly the one that the program means."""
    if place != Path(path) and not digest:
        raise UnavailableCodeError(f"{path} is relative to the program")
    if digest and not Path(path).is_absolute():
        with place.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise UnavailableCodeError(f"{place} is relative to the program")
    return place


def _asset_content(asset: Asset) -> bytes:
    if asset.text or not (asset.path or asset.uri):
        return _check_size(str.__str__(asset.text).encode(errors="surrogatepass"), "the text")
    if not asset.path:
        raise UnreadableCodeError(f"{asset.uri} is not here")
    place = _located(asset.path)
    if not place.is_file():
        raise UnavailableCodeError(f"{place} is relative to the program, or gone")
    if place.stat().st_size > MAX_MODULE_SIZE:
        raise UnreadableCodeError(f"{place.name} is too large")
    return _check_size(_verified(place, asset.path, asset.hash).read_bytes(), place.name)


def _read_from_folder(folder: Path, path: str) -> bytes | None:
    root = folder.resolve()
    if not root.is_dir():
        raise UnavailableCodeError(f"{folder} is relative to the program, or gone")
    place = root / path
    if not place.exists():
        return None
    if not place.resolve().is_relative_to(root):
        raise UnreadableCodeError(f"{path} leads out of the archive")
    if not place.is_file():
        return None
    descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not hold the run up
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
