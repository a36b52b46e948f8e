"""The official release: an archive for this machine, verified with the release's checksum file."""

from __future__ import annotations

import hashlib
import http.client
import os
import platform
import tarfile
import threading
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from localcloud.console import UserError, progress
from localcloud.engine import cache
from localcloud.engine.inspection import VERSION, Engine, UnusableError, inspect

BASE_VARIABLE: Final = "POLICYPACK_ENGINE_URL"
BASE: Final = f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}"
CHECKSUMS: Final = f"pulumi-{VERSION}-checksums.txt"
ORIGIN: Final = "the official release"

STALL_SECONDS: Final = 8.0  # a connection, or the next bytes, that take longer will not come
ANSWER_SECONDS: Final = 15.0  # for the whole checksum file, name resolution included
PATIENCE_SECONDS: Final = 15.0  # after this the average speed counts
SLOWEST: Final = 50_000  # bytes a second
CHUNK: Final = 1 << 18


def target() -> str | None:
    """Return this platform in the naming of the releases, such as linux-x64; None if there is no release for it."""
    systems = {"Linux": "linux", "Darwin": "darwin"}
    machines = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    system, machine = systems.get(platform.system()), machines.get(platform.machine().lower())
    return f"{system}-{machine}" if system and machine else None


def name() -> str:
    """Return the name of the cached release."""
    return f"{VERSION}-{target()}-release"


def base() -> str:
    """Return the base URL of the archive and its checksum file."""
    return (os.environ.get(BASE_VARIABLE) or BASE).rstrip("/")


def download() -> Engine:
    """Download, verify and install the release.

    Raises UnusableError if it is not available, and UserError if its checksum differs.
    """
    machine = target()
    if machine is None:
        raise UnusableError(f"there is none for {platform.system()} on {platform.machine()}")
    archive_name = f"pulumi-v{VERSION}-{machine}.tar.gz"
    expected = _checksum(archive_name)
    with cache.unfinished() as folder:
        archive = folder / archive_name
        with progress(f"downloading {archive_name}"):
            found = _fetch(f"{base()}/{archive_name}", archive)
        if found != expected:
            raise UserError(
                f"{base()}/{archive_name} is not what {CHECKSUMS} says (SHA-256 {found})",
                "It was damaged or tampered with; nothing was installed. Try again, or install Pulumi yourself"
                " (https://www.pulumi.com/docs/install/), then:",
                "make setup",
            )
        engine = folder / "engine"
        _extract(archive, engine / "bin")
        inspect(engine / "bin" / "pulumi", search="")
        return cache.install(engine, name(), version=VERSION, origin=ORIGIN)


def _checksum(archive_name: str) -> str:
    """Return the SHA-256 that the release publishes for a file of its own."""
    for line in _text(f"{base()}/{CHECKSUMS}").splitlines():
        digest, _, file = line.partition(" ")
        if file.strip().lstrip("*") == archive_name and len(digest) == hashlib.sha256().digest_size * 2:
            return digest.lower()
    raise UnusableError(f"{base()}/{CHECKSUMS} does not name {archive_name}")


def _text(url: str) -> str:
    """Return a small text, or raise after ANSWER_SECONDS: the thread may wait longer for a DNS server."""
    answer: list[str | UnusableError] = []

    def fetch() -> None:
        try:
            with _open(url) as response:
                answer.append(response.read(CHUNK).decode("utf-8", "replace"))
        except UnusableError as error:
            answer.append(error)
        except (OSError, http.client.HTTPException) as error:
            answer.append(UnusableError(f"{url}: {_reason(error)}"))

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    result = answer[0] if answer else UnusableError(f"{url} did not answer within {ANSWER_SECONDS:.0f} s")
    if isinstance(result, UnusableError):
        raise result
    return result


def _open(url: str) -> http.client.HTTPResponse:
    if not url.startswith(("https://", "http://")):
        raise UnusableError(f"{url} is not an https address")
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=STALL_SECONDS)  # noqa: S310 - see above
    except urllib.error.HTTPError as error:
        error.close()
        raise UnusableError(f"{url} answers {error.code}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnusableError(f"{url}: {_reason(error)}") from None
    return response


def _fetch(url: str, path: Path) -> str:
    """Download a file and return its SHA-256.

    Raises UnusableError if the download stalls, is too slow or is truncated.
    """
    digest, received, started = hashlib.sha256(), 0, time.monotonic()
    try:
        with _open(url) as response, path.open("wb") as file:
            length = response.length
            while chunk := response.read1(CHUNK):
                file.write(chunk)
                digest.update(chunk)
                received += len(chunk)
                seconds = time.monotonic() - started
                if seconds > PATIENCE_SECONDS and received < SLOWEST * seconds:
                    raise UnusableError(f"{url} sends only {received / seconds / 1000:.0f} kB/s")
    except (OSError, http.client.HTTPException) as error:
        raise UnusableError(f"{url}: {_reason(error)} after {received} bytes") from None
    if length is not None and received < length:
        raise UnusableError(f"{url} ended after {received} of {length} bytes")
    return digest.hexdigest()


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(cause) or type(cause).__name__


def _extract(archive: Path, folder: Path) -> None:
    """Extract regular files from the archive's folder `pulumi`; links, devices and other paths are skipped."""
    folder.mkdir(parents=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            files = {PurePosixPath(member.name): member for member in tar if member.isreg()}
            home = next((path.parent for path in files if path.name == "pulumi"), None)
            for path, member in files.items():
                source = tar.extractfile(member)
                if path.parent != home or source is None:
                    continue
                written = folder / path.name
                written.write_bytes(source.read())
                written.chmod(0o755 if member.mode & 0o100 else 0o644)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise UnusableError(f"{archive.name} cannot be unpacked ({error})") from None
