"""The stack `local`: created if missing, deployed and destroyed with the real engine."""

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
EXCLUSIVE_COMMANDS = ("up", "destroy", "refresh")
"""Commands that must not run concurrently."""
NAIVE = ROOT / "examples" / "naive_stack"


class Project:
    """One Pulumi project of this checkout, on stack `local`, under the policy pack at the root."""

    def __init__(self, engine: Engine, endpoint: str | None, folder: Path = ROOT) -> None:
        self.engine, self.folder = engine, folder
        self.environment = environment.child_environment(engine, endpoint)
        # Beside the state: if that is deleted, the stack is created again.
        self._selected = BACKEND / f"{'root' if folder == ROOT else folder.name}.selected"

    def ready(self) -> None:
        """Create and select the stack, and remove the lock of a run that was killed."""
        BACKEND.mkdir(parents=True, exist_ok=True)
        PULUMI_HOME.mkdir(parents=True, exist_ok=True)
        self._drop_stale_locks()
        if not self._selected.exists():
            self._quiet("stack", "select", STACK, "--create")
            self._selected.touch()

    def run(self, *words: str) -> int:
        """Run the engine with the user's terminal; return its exit code, or INTERRUPTED after Ctrl-C.

        After Ctrl-C the engine may return 0, as if it had finished.
        """
        if words[0] in EXCLUSIVE_COMMANDS:
            self._wait_for_nobody()
        interrupted = False
        with subprocess.Popen([str(self.engine.path), *words], cwd=self.folder, env=self.environment) as child:
            while True:
                try:
                    code = child.wait()
                except KeyboardInterrupt:  # the engine received it too, and shuts down by itself
                    interrupted = True
                else:
                    return INTERRUPTED if interrupted else code

    def has_resources(self) -> bool:
        """Whether the stack's state contains resources."""
        state = json.loads(self._quiet("stack", "export", "--stack", STACK))["deployment"] or {}
        return any(resource.get("custom") for resource in state.get("resources") or [])

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; empty before the first deployment."""
        text = self._quiet("stack", "output", "--json", "--show-secrets", "--stack", STACK)
        found: dict[str, Any] = json.loads(text or "{}")
        return found

    def forget(self) -> None:
        """Remove the stack's state, after its local AWS was stopped with all resources."""
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
            if not _is_running(pid):
                say(f"  removed the lock of a killed run (pid {pid})")
                lock.unlink(missing_ok=True)

    def _wait_for_nobody(self) -> None:
        for _, pid in _locks():
            raise UserError(
                f"the stack is being updated by another run (pid {pid})",
                "wait until it has ended, or interrupt it with Ctrl-C in its terminal",
            )


def _locks() -> Iterator[tuple[Path, int]]:
    """The state locks held by processes of this machine, with their process ids."""
    for lock in BACKEND.glob(f".pulumi/locks/**/{STACK}/*.json"):
        try:
            holder = json.loads(lock.read_text())
            pid, here = int(holder["pid"]), holder["hostname"] == socket.gethostname()
        except (OSError, ValueError, TypeError, KeyError):
            continue  # not a lock in this engine's format: the engine will report it
        if here:
            yield lock, pid


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0
