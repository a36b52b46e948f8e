"""The record of a running local AWS on disk, and whether the recorded process is really ours."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.checkout import AWS_STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST: Final = "127.0.0.1"
RECORD: Final = AWS_STATE / "server.json"
PORT: Final = AWS_STATE / "port"
"""The port of the last start, so that queue URLs stay the same from one start to the next."""
LOG: Final = AWS_STATE / "server.log"
LOCK: Final = AWS_STATE / "lock"
MODULE: Final = "localcloud.aws.server"

HEALTH_SECONDS: Final = 5.0  # a server that is busy still answers within this
STOP_SECONDS: Final = 10.0  # what a server gets to end by itself


@dataclass(frozen=True, kw_only=True)
class Server:
    """One start of the local AWS: its process, its port, and an id that no other start has."""

    pid: int
    port: int
    instance: str

    @property
    def url(self) -> str:
        """The value for AWS_ENDPOINT_URL."""
        return f"http://{HOST}:{self.port}"

    def healthy(self, seconds: float = HEALTH_SECONDS) -> bool:
        """Whether this start answers at its port within so many seconds."""
        connection = HTTPConnection(HOST, self.port, timeout=seconds)
        try:
            connection.request("GET", "/_localcloud/health")
            answer = json.loads(connection.getresponse().read())
        except (OSError, HTTPException, ValueError):
            return False
        finally:
            connection.close()
        return isinstance(answer, dict) and answer.get("instance") == self.instance

    def alive(self) -> bool:
        """Whether the recorded pid is still our server, and not another process with the same number."""
        command = _command(self.pid)
        return MODULE in command and self.instance in command

    def end(self) -> None:
        """End the process: with SIGTERM, then with SIGKILL."""
        if not self._signal(signal.SIGTERM, STOP_SECONDS):
            self._signal(signal.SIGKILL, STOP_SECONDS)

    def _signal(self, number: signal.Signals, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _command(pid: int) -> str:
    """The command line of a process; empty if there is none (also for a zombie)."""
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(pid, os.WNOHANG)  # our own dead child would stay a zombie until it is waited for
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    done = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout


def read() -> Server | None:
    """Return the recorded server, running or not; None if there is no readable record."""
    try:
        found: Mapping[str, object] = json.loads(RECORD.read_text())
        return Server(pid=int(str(found["pid"])), port=int(str(found["port"])), instance=str(found["instance"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(server: Server) -> None:
    """Write the record atomically."""
    aside = RECORD.with_suffix(".new")
    aside.write_text(json.dumps(asdict(server)) + "\n")
    aside.replace(RECORD)
    PORT.write_text(f"{server.port}\n")


def forget() -> None:
    """Delete the record; the port stays remembered."""
    RECORD.unlink(missing_ok=True)


def last_port() -> int | None:
    """Return the port of the last start, if known."""
    try:
        return int(PORT.read_text())
    except (OSError, ValueError):
        return None
