"""Start and stop the local AWS. Standard library only, so that any Python can do it.

Every start is a new, empty AWS: all earlier resources are gone, and `instance()` lets callers detect that.
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

from localcloud.aws import server_record
from localcloud.aws.server_record import HOST, LOG, MODULE, Server
from localcloud.checkout import AWS_PYTHON, AWS_STATE, ROOT
from localcloud.console import UserError, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS: Final = 60.0
KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "POLICYPACK_LOCAL_DIR", "POLICYPACK_MODEL_LATENCY_MS")
"""The only variables of the caller that the server inherits: no credentials and no proxy settings."""


def start() -> str:
    """Start the local AWS unless it is running, and return its URL.

    Raises UserError if its environment is missing or it does not start; then no process remains.
    """
    with _start_lock():
        running = _running()
        if running is not None:
            return running.url
        with _listening() as door, progress("starting the local AWS"):
            return _launch(door).url


def stop() -> bool:
    """Stop the local AWS. False if it was not running."""
    with _start_lock():
        server = server_record.read()
        if server is None:
            return False
        alive = server.alive()
        if alive:
            server.end()
        server_record.forget()
        return alive


def endpoint() -> str | None:
    """Return the URL of the local AWS, if it is running and healthy."""
    server = server_record.read()
    return server.url if server is not None and server.healthy() else None


def instance() -> str | None:
    """Return the id of the running start; a different id than before means that all earlier state is gone."""
    server = server_record.read()
    return server.instance if server is not None and server.healthy() else None


@contextlib.contextmanager
def _start_lock() -> Iterator[None]:
    """Serialise concurrent starts, so that they use one server."""
    try:
        AWS_STATE.mkdir(parents=True, exist_ok=True)
        file = server_record.LOCK.open("w")
    except OSError as error:
        known = "the local cloud writes to this folder: it has to be writable"
        raise UserError(f"{AWS_STATE} cannot be written: {error.strerror}", known) from None
    with file as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _running() -> Server | None:
    """Return the running server; clean up after one that has died."""
    server = server_record.read()
    if server is None:
        return None
    if server.healthy():
        return server
    if server.alive():
        say(f"the local AWS (pid {server.pid}) does not respond: stopping it and starting a new, empty one")
        server.end()
    else:
        say(f"the local AWS of the last start (pid {server.pid}) no longer runs: starting a new, empty one")
    server_record.forget()
    return None


@contextlib.contextmanager
def _listening() -> Iterator[socket.socket]:
    """Open the port before the server starts, so that no other program can take it meanwhile."""
    wanted = server_record.last_port() or 0
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
        server_record.write(server)
        _wait(child, server)
    except BaseException:
        if child is not None:
            child.kill()
            child.wait()
        server_record.forget()
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
