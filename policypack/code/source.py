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

LARGEST_MODULE: Final = 200_000
"""Bytes of one module: generated code beyond that says little of what is called."""
LARGEST_ARCHIVE: Final = 250 * 1024 * 1024
"""Bytes of a zip file: AWS Lambda developer guide, "Lambda quotas", the size of a package unzipped."""
_MOST_ENTRIES: Final = 50_000
_MOST_SHARES: Final = 200  # bytes unpacked for each packed one: source text does not get near


class UnreadableError(Exception):
    """The code cannot be read: where, and why."""


class OutOfReachError(Exception):
    """The code is somewhere, but the pack is not told where: paths are relative to a program in another folder."""


class Code:
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
            data = self._in(self._archive, path)
            return None if data is None else _decoded(data, path)
        except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError) as error:
            raise UnreadableError(f"{path}: {error}") from error

    def close(self) -> None:
        """Let go of the files."""
        for opened, _ in self._zips.values():
            opened.close()

    def _in(self, archive: Archive, path: str) -> bytes | None:
        if archive.assets:
            return self._among(archive.assets, path)
        if not archive.path:
            raise UnreadableError("the archive is not here")
        place = _placed(archive.path)
        if place.is_file():
            return self._zipped(_found(place, archive.path, archive.hash), path)
        if archive.hash and not Path(archive.path).is_absolute():
            raise OutOfReachError(f"{place} is relative to the program")
        return _inside(place, path)

    def _among(self, assets: dict[str, object], path: str) -> bytes | None:
        for name, item in assets.items():
            key = name.removeprefix("./").rstrip("/")
            if isinstance(item, Asset) and key == path:
                return _content(item)
            if isinstance(item, Archive):
                if key in {"", "."}:
                    inner = path
                elif path.startswith(f"{key}/"):
                    inner = path[len(key) + 1 :]
                else:
                    continue
                if (found := self._in(item, inner)) is not None:
                    return found
            elif not isinstance(item, Asset):
                raise UnreadableError(f"{name} is not known yet")
        return None

    def _zipped(self, place: Path, path: str) -> bytes | None:
        opened, names = self._zip(place)
        if path not in names:
            return None
        info = opened.getinfo(path)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnreadableError(f"{path} is a link")
        if info.file_size > LARGEST_MODULE or info.file_size > _MOST_SHARES * max(info.compress_size, 1):
            raise UnreadableError(f"{path} is too large")
        with opened.open(info) as file:
            return _limited(file.read(LARGEST_MODULE + 1), path)

    def _zip(self, place: Path) -> tuple[zipfile.ZipFile, frozenset[str]]:
        if str(place) not in self._zips:
            if place.stat().st_size > LARGEST_ARCHIVE:
                raise UnreadableError(f"{place.name} is too large")
            opened = zipfile.ZipFile(place)
            names = opened.namelist()
            self._zips[str(place)] = opened, frozenset(names)
            if len(names) > _MOST_ENTRIES:
                raise UnreadableError(f"{place.name} has too many files")
        return self._zips[str(place)]


def _placed(path: str) -> Path:
    """Where a file or folder is: here, or in the folder that the engine was called from, as the shell has told it."""
    outside = Path(os.environ.get("PWD", ""), path)
    return outside if outside.is_file() and not Path(path).exists() else Path(path)


def _found(place: Path, path: str, digest: str) -> Path:
    """The file, if it is certainly the one that the program means."""
    if place != Path(path) and not digest:
        raise OutOfReachError(f"{path} is relative to the program")
    if digest and not Path(path).is_absolute():
        with place.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise OutOfReachError(f"{place} is relative to the program")
    return place


def _content(asset: Asset) -> bytes:
    if asset.text or not (asset.path or asset.uri):
        return _limited(str.__str__(asset.text).encode(errors="surrogatepass"), "the text")
    if not asset.path:
        raise UnreadableError(f"{asset.uri} is not here")
    place = _placed(asset.path)
    if not place.is_file():
        raise OutOfReachError(f"{place} is relative to the program, or gone")
    if place.stat().st_size > LARGEST_MODULE:
        raise UnreadableError(f"{place.name} is too large")
    return _limited(_found(place, asset.path, asset.hash).read_bytes(), place.name)


def _inside(folder: Path, path: str) -> bytes | None:
    root = folder.resolve()
    if not root.is_dir():
        raise OutOfReachError(f"{folder} is relative to the program, or gone")
    place = root / path
    if not place.exists():
        return None
    if not place.resolve().is_relative_to(root):
        raise UnreadableError(f"{path} leads out of the archive")
    if not place.is_file():
        return None
    descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not hold the run up
    with os.fdopen(descriptor, "rb") as file:
        return _limited(file.read(LARGEST_MODULE + 1), path)


def _limited(data: bytes, path: str) -> bytes:
    if len(data) > LARGEST_MODULE:
        raise UnreadableError(f"{path} is too large")
    return data


def _decoded(data: bytes, path: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, LookupError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: {error}") from error
