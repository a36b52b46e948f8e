"""Start and stop the local AWS. Standard library only, so that any Python can do it.

Every start is a new, empty AWS: what was created before is gone, and `instance()` tells callers so.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Final

from localcloud.aws import record
from localcloud.aws.record import HOST, LOG, MODULE, Server
from localcloud.checkout import AWS_PYTHON, AWS_STATE, ROOT
from localcloud.console import UserError, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS: Final = 60.0
KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "POLICYPACK_LOCAL_DIR", "POLICYPACK_MODEL_LATENCY_MS")
"""All of the caller's environment that reaches the server: no credentials and no proxy settings do."""


def start() -> str:
    """Start the local AWS, unless it runs already, and return its URL.

    Raises UserError when its environment is missing or when it does not come up; then nothing is left running.
    """
    with _alone():
        running = _running()
        if running is not None:
            return running.url
        with _listening() as door, progress("starting the local AWS"):
            return _launch(door).url


def stop() -> bool:
    """Stop the local AWS. False when there was none."""
    with _alone():
        server = record.read()
        if server is None:
            return False
        alive = server.alive()
        if alive:
            server.end()
        record.forget()
        return alive


def endpoint() -> str | None:
    """Return the URL of the local AWS, if it runs and answers."""
    server = record.read()
    return server.url if server is not None and server.healthy() else None


def instance() -> str | None:
    """Return the id of the running start: another id than before means that all state before is gone."""
    server = record.read()
    return server.instance if server is not None and server.healthy() else None


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two starts at once end as one."""
    try:
        AWS_STATE.mkdir(parents=True, exist_ok=True)
        file = record.LOCK.open("w")
    except OSError as error:
        known = "everything that the local cloud writes goes there: it has to be yours to write to"
        raise UserError(f"{AWS_STATE} cannot be written: {error.strerror}", known) from None
    with file as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _running() -> Server | None:
    """Return the server that already runs, having cleared away what is left of one that does not."""
    server = record.read()
    if server is None:
        return None
    if server.healthy():
        return server
    if server.alive():
        say(f"the local AWS (pid {server.pid}) does not answer: ending it and starting a new, empty one")
        server.end()
    else:
        say(f"the local AWS of the last start (pid {server.pid}) is gone: starting a new, empty one")
    record.forget()
    return None


@contextlib.contextmanager
def _listening() -> Iterator[socket.socket]:
    """Open the port before the server starts, so that nobody can take it in between."""
    wanted = record.last_port() or 0
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, wanted))
        except OSError:
            door.bind((HOST, 0))
            say(f"port {wanted} of the last start is taken by another program: using {door.getsockname()[1]}")
        door.listen(512)
        yield door


def _launch(door: socket.socket) -> Server:
    if not AWS_PYTHON.exists():
        raise UserError("the environment of the local AWS is missing", f"looked for {AWS_PYTHON}", "make setup")
    if LOG.exists():
        LOG.replace(LOG.with_suffix(".log.1"))
    port, name = int(door.getsockname()[1]), secrets.token_hex(8)
    command = [str(AWS_PYTHON), "-m", MODULE, "--fd", str(door.fileno()), "--port", str(port), "--instance", name]
    environment = {key: os.environ[key] for key in KEPT if key in os.environ} | {"PYTHONUNBUFFERED": "1"}
    child: subprocess.Popen[bytes] | None = None
    try:
        with LOG.open("wb") as log:
            child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(door.fileno(),),
                start_new_session=True,  # Ctrl-C in the caller's terminal is not meant for the server
            )
        server = Server(pid=child.pid, port=port, instance=name)
        record.write(server)
        _wait(child, server)
    except BaseException:
        if child is not None:
            child.kill()
            child.wait()
        record.forget()
        raise
    return server


def _wait(child: subprocess.Popen[bytes], server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.healthy(0.5):  # short: the port is open before the server listens to it
        if child.poll() is not None:
            raise UserError(f"the local AWS ended while starting: {_last_line()}", f"its log is {LOG}")
        if time.monotonic() > deadline:
            raise UserError(f"the local AWS did not answer within {START_SECONDS:.0f} s", f"its log is {LOG}")


def _last_line() -> str:
    lines = LOG.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
