"""The official release, from a real HTTP server that behaves well or badly."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from localcloud.console import UserError
from localcloud.engine import find_or_make, release
from localcloud.engine.inspection import VERSION, UnusableError
from tests.localcloud.engine.release_server import (
    ARCHIVE,
    CHECKSUMS,
    HOST,
    PULUMI,
    Answer,
    archive,
    checksums,
    link,
    server,
)

if TYPE_CHECKING:
    from tests.localcloud.engine.fake_machine import Machine


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
    ids=["text", "no tar", "cut off", "no pulumi", "no host", "broken pulumi"],  # not the bytes: they hold the time
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
