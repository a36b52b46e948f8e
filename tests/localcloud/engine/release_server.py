"""An HTTP server that publishes engine releases with their checksum file, or fails in a given way."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from localcloud.engine import release
from localcloud.engine.inspection import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHIVE = f"pulumi-v{VERSION}-{release.target()}.tar.gz"
CHECKSUMS = f"pulumi-{VERSION}-checksums.txt"
PULUMI = b'#!/bin/sh\n[ "$1" = version ] && echo v' + VERSION.encode()
HOST = b"#!/bin/sh\nexit 0\n"

Answer = bytes | int | str
"""A body, a status, or the name of a fault."""


def archive(files: dict[str, bytes] | None = None, *, extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    """Make an archive as the releases are: all files in one folder named pulumi."""
    if files is None:
        files = {
            "pulumi/pulumi": PULUMI,
            "pulumi/pulumi-language-python": HOST,
            "pulumi/pulumi-language-python-exec": b"",
        }
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as tar:
        for member in extra:
            tar.addfile(member)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return output.getvalue()


def checksums(content: bytes) -> bytes:
    """Make the checksum file, as sha256sum writes it."""
    other = f"{hashlib.sha256(b'').hexdigest()}  pulumi-v{VERSION}-plan9-x64.tar.gz\n"
    return f"{other}{hashlib.sha256(content).hexdigest()}  {ARCHIVE}\n".encode()


@contextmanager
def server(answers: dict[str, Answer]) -> Iterator[tuple[str, list[str]]]:
    """Serve responses by file name; give the address and the list of requested names."""
    asked: list[str] = []
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            asked.append(name)
            answer = answers.get(name, 404)
            if isinstance(answer, int):
                self.send_error(answer)
                return
            if answer == "silent":
                closing.wait(30)
                return
            body = answer if isinstance(answer, bytes) else archive()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if answer in ("cut", "stalled"):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                if answer == "stalled":
                    closing.wait(30)
                return
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}/releases", asked
    finally:
        closing.set()
        httpd.shutdown()
        httpd.server_close()


def link(name: str, target: str) -> tarfile.TarInfo:
    """Make an archive's member that is a symbolic link."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member
