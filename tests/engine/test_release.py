"""The official release, from a real HTTP server that behaves well or badly."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from localcloud.console import UserError
from localcloud.engine import find_or_make, release
from localcloud.engine.inspection import VERSION, UnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.machine import Machine

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
    """Serve answers by file name; gives the address and the list of what was asked for."""
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


def test_downloads_checks_and_keeps_the_release(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """The archive's own folder becomes the engine's; the second run asks nobody."""
    content = archive()
    with server({CHECKSUMS: checksums(content), ARCHIVE: content}) as (address, asked):
        machine.setenv(release.BASE_VARIABLE, address + "/")
        engine = find_or_make()
        assert find_or_make() == engine
        assert asked == [CHECKSUMS, ARCHIVE]
    assert engine.path == machine.cache / release.name() / "bin" / "pulumi"
    assert engine.path.read_bytes() == PULUMI
    assert sorted(path.name for path in engine.folder.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    ]
    assert list(machine.cache.glob(".making-*")) == []
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"engine: pulumi {VERSION}, the official release: {engine.path}"] * 2


def test_refuses_a_wrong_checksum(machine: Machine) -> None:
    """An archive that is not the published one stops everything; nothing is installed, and nothing built instead."""
    go = machine.script(machine.folder / "go-bin" / "go", "echo run >> $0.log")
    machine.first_on_path(go.parent)
    with server({CHECKSUMS: checksums(archive()), ARCHIVE: archive({"pulumi/pulumi": b"evil"})}) as (address, _):
        machine.setenv(release.BASE_VARIABLE, address)
        with pytest.raises(UserError) as error:
            find_or_make()
    assert f"{ARCHIVE} is not what {CHECKSUMS} says" in error.value.what
    assert error.value.paste == "make setup"
    assert [path.name for path in machine.cache.iterdir()] == [".lock"]
    assert not go.with_name("go.log").exists()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({}, f"{CHECKSUMS} answers 404"),
        ({CHECKSUMS: 503}, f"{CHECKSUMS} answers 503"),
        ({CHECKSUMS: b"<html>Sign in to this network</html>"}, f"{CHECKSUMS} does not name {ARCHIVE}"),
        ({CHECKSUMS: b"\xff\xfe\x00"}, f"{CHECKSUMS} does not name {ARCHIVE}"),
        ({CHECKSUMS: checksums(archive())}, f"{ARCHIVE} answers 404"),
        ({CHECKSUMS: "silent"}, f"{CHECKSUMS}: timed out"),
        ({CHECKSUMS: checksums(archive()), ARCHIVE: "silent"}, f"{ARCHIVE}: timed out"),
        ({CHECKSUMS: checksums(archive()), ARCHIVE: "stalled"}, f"{ARCHIVE}: timed out after"),
        ({CHECKSUMS: checksums(archive()), ARCHIVE: "cut"}, f"{ARCHIVE} ended after"),
    ],
)
def test_goes_on_to_the_build_with_one_line(
    answers: dict[str, Answer],
    reason: str,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A server that is absent, closed, silent, stalled or cut off costs one line; then it is Go's turn."""
    monkeypatch.setattr(release, "STALL_SECONDS", 0.3)
    with server(answers) as (address, _):
        machine.setenv(release.BASE_VARIABLE, address)
        with pytest.raises(UserError, match="no Go"):
            find_or_make()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("engine: no official release: ")
    assert reason in line
    assert [path.name for path in machine.cache.iterdir()] == [".lock"]


def test_gives_up_on_a_name_server_that_never_answers(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Socket timeouts do not cover name resolution; the whole of the first request has a limit too."""
    monkeypatch.setattr(release, "ANSWER_SECONDS", 0.3)
    with server({CHECKSUMS: "silent"}) as (address, _):
        machine.setenv(release.BASE_VARIABLE, address)
        with pytest.raises(UserError, match="no Go"):
            find_or_make()
    assert "did not answer within" in capsys.readouterr().err


def test_gives_up_on_a_crawling_server(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes that keep coming, but would take all day, do not hold anybody up."""
    content = archive()
    with server({CHECKSUMS: checksums(content), ARCHIVE: content}) as (address, _):
        machine.setenv(release.BASE_VARIABLE, address)
        monkeypatch.setattr(release, "SLOWEST", 10**12)
        monkeypatch.setattr(release, "PATIENCE_SECONDS", 0.0)
        with pytest.raises(UserError, match="no Go"):
            find_or_make()
    assert f"{ARCHIVE} sends only" in capsys.readouterr().err


def link(name: str, target: str) -> tarfile.TarInfo:
    """Make an archive's member that is a symbolic link."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


def test_unpacks_nothing_outside_its_folder(machine: Machine) -> None:
    """Paths that climb, absolute ones and links stay in the archive, even where its checksum is right."""
    victim = machine.folder / "victim"
    content = archive(
        {
            "pulumi/pulumi": PULUMI,
            "pulumi/pulumi-language-python": HOST,
            "pulumi/../../../escaped": b"x",
            "../../../../escaped": b"x",
            str(victim): b"x",
            "pulumi/deeper/file": b"x",
            "pulumi/way-out/escaped": b"x",
        },
        extra=(link("pulumi/way-out", str(machine.folder)), link("pulumi/passwd", "/etc/passwd")),
    )
    with server({CHECKSUMS: checksums(content), ARCHIVE: content}) as (address, _):
        machine.setenv(release.BASE_VARIABLE, address)
        engine = find_or_make()
    assert sorted(path.name for path in engine.folder.iterdir()) == ["pulumi", "pulumi-language-python"]
    assert not victim.exists()
    assert not list(machine.folder.rglob("escaped"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not an archive", "cannot be unpacked"),
        (gzip.compress(b"not a tar file" * 100), "cannot be unpacked"),
        (archive()[:-40], "cannot be unpacked"),
        (archive({"readme": b"x"}), "it does not start"),
        (archive({"pulumi/pulumi": PULUMI}), "it has no pulumi-language-python"),
        (archive({"pulumi/pulumi": b"#!/bin/sh\nexit 3", "pulumi/pulumi-language-python": HOST}), "exits with 3"),
    ],
)
def test_installs_only_what_works(
    content: bytes, reason: str, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    """A published archive that is no engine for this machine is passed over like any other."""
    with server({CHECKSUMS: checksums(content), ARCHIVE: content}) as (address, _):
        machine.setenv(release.BASE_VARIABLE, address)
        with pytest.raises(UserError, match="no Go"):
            find_or_make()
    assert reason in capsys.readouterr().err
    assert [path.name for path in machine.cache.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("system", "cpu", "expected"),
    [
        ("Linux", "x86_64", "linux-x64"),
        ("Linux", "aarch64", "linux-arm64"),
        ("Darwin", "arm64", "darwin-arm64"),
        ("Darwin", "x86_64", "darwin-x64"),
        ("Linux", "riscv64", None),
        ("FreeBSD", "amd64", None),
    ],
)
def test_names_the_machine_as_the_releases_do(
    system: str, cpu: str, expected: str | None, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no release exists, the finder says so without asking the network."""
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: cpu)
    assert release.target() == expected
    if expected is None:
        machine.setenv(release.BASE_VARIABLE, "ftp://never.asked")
        with pytest.raises(UnusableError, match=f"there is none for {system} on {cpu}"):
            release.download()


@pytest.mark.parametrize("address", ["ftp://example.invalid/x", "file:///etc", "nonsense", "http://[::1"])
def test_takes_only_web_addresses(address: str, machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """A base address that is no http(s) one is said, not followed."""
    machine.setenv(release.BASE_VARIABLE, address)
    with pytest.raises(UserError, match="no Go"):
        find_or_make()
    assert capsys.readouterr().err.startswith(f"engine: no official release: {address}/{CHECKSUMS}")
