"""Starting and stopping: once, again, after a crash, with the port taken, interrupted."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import AWS_PYTHON, PYTHON, ROOT
from tests.localcloud.aws.cloud import Cloud, command, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLDER = "import boto3, time\ndef handle(event, context):\n    time.sleep(event)\n    return 'done'\n"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for state; whatever was started with it is stopped."""
    yield tmp_path
    command(tmp_path, "stop")


def record(home: Path) -> dict[str, object]:
    """Return what is recorded of the running server."""
    return dict(json.loads((home / "aws" / "server.json").read_text()))


def pid(home: Path) -> int:
    """Return the running server's process id."""
    return int(str(record(home)["pid"]))


def children(parent: int) -> list[int]:
    """Return the processes that a process has started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(one) for one in found.stdout.split()]


def runs(process: int) -> bool:
    """Whether a process exists and is no zombie."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip()) and not found.stdout.strip().startswith("Z")


def test_started_twice_it_runs_once(home: Path) -> None:
    """The second start finds the first; stop ends it; status tells; the port is used again."""
    assert command(home, "status").returncode == 1
    first = command(home, "start")
    assert first.returncode == 0, first.stderr
    url, before = first.stdout.strip(), record(home)
    assert url == f"http://127.0.0.1:{before['port']}"
    assert command(home, "start").stdout.strip() == url
    assert record(home) == before
    assert command(home, "status").stdout.strip() == url
    assert Cloud(url, home).control("health")["instance"] == before["instance"]
    assert "stopped" in command(home, "stop").stderr
    assert not runs(int(str(before["pid"])))
    assert command(home, "status").returncode == 1
    assert "was not running" in command(home, "stop").stderr
    assert command(home, "start").stdout.strip() == url
    assert record(home)["instance"] != before["instance"]


def test_what_reaches_the_server_from_outside(home: Path) -> None:
    """The model's latency does; credentials and proxies do not."""
    secrets = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_PROFILE": "work", "HTTPS_PROXY": "http://192.0.2.1:1"}
    url = command(home, "start", POLICYPACK_MODEL_LATENCY_MS="7", **secrets).stdout.strip()
    assert Cloud(url, home).control("settings")["model_latency_ms"] == 7
    environment = Path(f"/proc/{pid(home)}/environ").read_text()
    assert not any(secret in environment for secret in secrets)


def test_two_starts_at_once(home: Path) -> None:
    """End as one server."""
    environment = {"PATH": os.environ["PATH"], "POLICYPACK_LOCAL_DIR": str(home)}
    starts = [
        subprocess.Popen(
            [str(PYTHON), "-m", "localcloud.aws", "start"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    urls = {start.communicate(timeout=60)[0] for start in starts}
    assert len(urls) == 1
    assert [start.returncode for start in starts] == [0, 0]


def test_killed_it_starts_anew_and_leaves_no_worker(home: Path) -> None:
    """One clear line, the same port, empty state; the functions' processes died with it, busy ones too."""
    cloud = Cloud(command(home, "start").stdout.strip(), home)
    idle, busy = (cloud.function(HOLDER, cloud.role(), Timeout=60) for _ in range(2))
    cloud.invoke(idle, 0)
    cloud("lambda").invoke(FunctionName=busy, Payload=b"50", InvocationType="Event")
    workers = eventually(lambda: found if len(found := children(pid(home))) == 2 else None)
    dead = pid(home)
    os.kill(dead, signal.SIGKILL)
    eventually(lambda: not any(runs(worker) for worker in workers), seconds=5)

    again = command(home, "start")
    assert again.returncode == 0, again.stderr
    assert again.stderr == f"the local AWS of the last start (pid {dead}) no longer runs: starting a new, empty one\n"
    assert again.stdout.strip() == cloud.url
    assert Cloud(cloud.url, home)("lambda").list_functions()["Functions"] == []


def test_stopped_it_leaves_no_worker(home: Path) -> None:
    """However busy."""
    cloud = Cloud(command(home, "start").stdout.strip(), home)
    busy = cloud.function(HOLDER, cloud.role(), Timeout=60)
    cloud("lambda").invoke(FunctionName=busy, Payload=b"50", InvocationType="Event")
    workers = eventually(lambda: children(pid(home)))
    command(home, "stop")
    eventually(lambda: not any(runs(worker) for worker in workers), seconds=5)


def test_a_stranger_with_its_number_is_left_alone(home: Path) -> None:
    """The pid on record belongs to another program by now."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        try:
            (home / "aws").mkdir()
            stale = {"pid": stranger.pid, "port": 1, "instance": "gone"}
            (home / "aws" / "server.json").write_text(json.dumps(stale))
            assert command(home, "status").returncode == 1
            started = command(home, "start")
            assert started.returncode == 0
            assert "no longer runs: starting a new, empty one" in started.stderr
            command(home, "stop")
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.parametrize("text", ["", "{}", "nonsense", '{"pid": "x"}'])
def test_an_unreadable_record_is_none(home: Path, text: str) -> None:
    """As after a full disk."""
    (home / "aws").mkdir()
    (home / "aws" / "server.json").write_text(text)
    (home / "aws" / "port").write_text(text)
    assert command(home, "start").returncode == 0
    assert command(home, "status").returncode == 0


def test_a_taken_port_is_named_and_another_used(home: Path) -> None:
    """The port of the last start now belongs to another program."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        (home / "aws").mkdir()
        (home / "aws" / "port").write_text(str(taken))
        started = command(home, "start")
    assert started.returncode == 0
    assert f"port {taken} of the last start is taken by another program: using " in started.stderr
    assert f":{taken}" not in started.stdout


def test_interrupted_it_leaves_nothing(home: Path) -> None:
    """Ctrl-C while it starts."""
    environment = {"PATH": os.environ["PATH"], "POLICYPACK_LOCAL_DIR": str(home)}
    starting = subprocess.Popen(
        [str(PYTHON), "-m", "localcloud.aws", "start"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    server = eventually(lambda: (home / "aws" / "server.json").exists() and pid(home))
    starting.send_signal(signal.SIGINT)
    _, errors = starting.communicate(timeout=30)
    assert (starting.returncode, errors) == (130, "interrupted: nothing was left running\n")
    assert not runs(server)
    assert not (home / "aws" / "server.json").exists()


def test_it_listens_on_loopback_only(cloud: Cloud) -> None:
    """No other address of the machine answers at its port."""
    port = int(cloud.url.rpartition(":")[2])
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    doors = [address for _, address, _, state, *_ in map(str.split, listening) if state == "0A"]
    assert [door for door in doors if door.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_it_connects_to_nobody(cloud: Cloud) -> None:
    """A subscription over HTTP to another machine is not delivered, and the log says why."""
    topic = cloud("sns").create_topic(Name="outside")["TopicArn"]
    cloud("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint="http://192.0.2.1/hook")
    with contextlib.suppress(Exception):
        cloud("sns").publish(TopicArn=topic, Message="out")
    log = cloud.local_dir / "aws" / "server.log"
    eventually(lambda: "192.0.2.1/hook failed: <urlopen error the local AWS does not look up" in log.read_text())


def test_the_server_refuses_other_versions(tmp_path: Path) -> None:
    """A library that was changed underneath is named."""
    check = (
        "import localcloud.aws.patching as pins, sys\n"
        "pins.version = lambda name: '9.9'\n"
        "sys.argv = ['server', '--fd', '0', '--port', '1', '--instance', 'x']\n"
        "from localcloud.aws import server\n"
        "sys.exit(server.main())\n"
    )
    environment = {"PATH": os.environ["PATH"], "POLICYPACK_LOCAL_DIR": str(tmp_path)}
    done = subprocess.run(
        [str(AWS_PYTHON), "-c", check], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "written for ministack 1.5.33, and ministack 9.9 is installed" in done.stderr


def test_a_server_that_cannot_start_says_why(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left, and the last line of its log is in the error."""
    monkeypatch.setenv("POLICYPACK_LOCAL_DIR", str(home))
    code = (
        "from localcloud.aws import lifecycle\n"
        "lifecycle.MODULE = 'localcloud.no_such_module'\n"
        "from localcloud.aws.__main__ import main\n"
        "raise SystemExit(main(['start']))\n"
    )
    done = subprocess.run(
        [str(PYTHON), "-c", code], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "error: the local AWS ended while starting: " in done.stderr
    assert "no_such_module" in done.stderr
    assert not (home / "aws" / "server.json").exists()


def test_help_and_wrong_words(home: Path) -> None:
    """Help names the commands and exit codes; another word is refused."""
    shown = command(home, "--help")
    assert shown.returncode == 0
    assert all(word in shown.stdout for word in ("start", "stop", "status", "exit codes"))
    assert command(home, "restart").returncode == 2
