"""The stack `local`: made where it is missing, deployed, destroyed, with the real engine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from typing import TYPE_CHECKING, Any

from localcloud import environment
from localcloud.checkout import BACKEND, PULUMI_HOME, ROOT
from localcloud.console import UserError, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from localcloud.engine import Engine

STACK = "local"
INTERRUPTED = 130
CHANGES = ("up", "destroy", "refresh")
"""Commands of which one at a time may run."""
NAIVE = ROOT / "examples" / "naive_stack"


class Project:
    """One Pulumi project of this checkout, on stack `local`, under the policy pack at the root."""

    def __init__(self, engine: Engine, endpoint: str | None, folder: Path = ROOT) -> None:
        self.engine, self.folder = engine, folder
        self.environment = environment.child(engine, endpoint)
        # Beside the state: whoever deletes that has the stack made anew.
        self._selected = BACKEND / f"{'root' if folder == ROOT else folder.name}.selected"

    def ready(self) -> None:
        """Make and select the stack; a run that was killed may have left a lock, which goes with its process."""
        BACKEND.mkdir(parents=True, exist_ok=True)
        PULUMI_HOME.mkdir(parents=True, exist_ok=True)
        self._drop_stale_locks()
        if not self._selected.exists():
            self._quiet("stack", "select", STACK, "--create")
            self._selected.touch()

    def run(self, *words: str) -> int:
        """Run the engine with the terminal as its own; gives its exit code, INTERRUPTED after Ctrl-C.

        The engine may say 0 then, as if all were done.
        """
        if words[0] in CHANGES:
            self._wait_for_nobody()
        interrupted = False
        with subprocess.Popen([str(self.engine.path), *words], cwd=self.folder, env=self.environment) as child:
            while True:
                try:
                    code = child.wait()
                except KeyboardInterrupt:  # the engine got it too, and ends in its own order
                    interrupted = True
                else:
                    return INTERRUPTED if interrupted else code

    def has_resources(self) -> bool:
        """Whether the engine knows of anything that is deployed."""
        state = json.loads(self._quiet("stack", "export", "--stack", STACK))["deployment"] or {}
        return any(resource.get("custom") for resource in state.get("resources") or [])

    def outputs(self) -> dict[str, Any]:
        """What the stack exports; empty before the first deployment."""
        text = self._quiet("stack", "output", "--json", "--show-secrets", "--stack", STACK)
        found: dict[str, Any] = json.loads(text or "{}")
        return found

    def forget(self) -> None:
        """Drop the stack's state, for resources that went with the local AWS they lived in."""
        self._quiet("stack", "rm", STACK, "--force", "--yes", "--preserve-config")
        self._selected.unlink(missing_ok=True)

    def _quiet(self, *words: str) -> str:
        with progress(f"pulumi {' '.join(words[:2])}"):
            done = subprocess.run(
                [str(self.engine.path), *words, "--non-interactive"],
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise UserError(f"pulumi {' '.join(words)} failed", (done.stderr or done.stdout).strip())
        return done.stdout

    def _drop_stale_locks(self) -> None:
        for lock, pid in _locks():
            if not _alive(pid):
                say(f"  dropped the lock of a run that was killed (pid {pid})")
                lock.unlink(missing_ok=True)

    def _wait_for_nobody(self) -> None:
        for _, pid in _locks():
            raise UserError(
                f"the stack is being changed by another run (pid {pid})",
                "wait until that has ended, or interrupt it with Ctrl-C where it runs",
            )


def _locks() -> Iterator[tuple[Path, int]]:
    """The locks that runs on this machine hold, and whose they are."""
    for lock in BACKEND.glob(f".pulumi/locks/**/{STACK}/*.json"):
        try:
            holder = json.loads(lock.read_text())
            pid, here = int(holder["pid"]), holder["hostname"] == socket.gethostname()
        except (OSError, ValueError, TypeError, KeyError):
            continue  # not a lock as this engine writes it: the engine will say what it thinks of it
        if here:
            yield lock, pid


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0
